import { parseComment } from "../../src/exposition/comment-line.ts";
import type { Dialect } from "../../src/exposition/dialect.ts";
import { FamilyTable, type SampleRole } from "../../src/exposition/family-table.ts";
import { labelText } from "../../src/exposition/label-text.ts";
import type { LineFault } from "../../src/exposition/line-fault.ts";
import { LineSplitter } from "../../src/exposition/line-splitter.ts";
import { numberOf } from "../../src/exposition/number-text.ts";
import { parseSampleLine } from "../../src/exposition/parse-sample-line.ts";
import { SampleLine } from "../../src/exposition/sample-line.ts";

export interface ReadSample {
  readonly name: string;
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: number;
  readonly timestampMs: number | undefined;
  readonly role: SampleRole;
}

interface ReadFault {
  readonly line: number;
  readonly reason: LineFault;
}

export interface ReadPage {
  readonly samples: ReadSample[];
  readonly faults: ReadFault[];
}

export interface ReadPageOptions {
  readonly dialect?: Dialect;
  /** Sizes of the chunks in which the page arrives, used in turn. */
  readonly chunkBytes?: readonly number[];
  readonly maxLineBytes?: number;
  readonly maxLabels?: number;
  readonly maxFamilies?: number;
}

/** Reads a whole page as a scrape does it, line by line, and keeps everything: for tests only. */
export function readPage(page: string | Uint8Array, options: ReadPageOptions = {}): ReadPage {
  const bytes = typeof page === "string" ? new TextEncoder().encode(page) : page;
  const reader = new PageReader(options);
  const splitter = new LineSplitter(options.maxLineBytes ?? 1 << 20);
  const sizes = options.chunkBytes ?? [bytes.length];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    // A copy of its own, so that a view kept too long shows.
    const chunk = new Uint8Array(bytes.subarray(at, at + size));
    splitter.push(chunk, reader);
    chunk.fill(0x3f);
    at += size;
  }
  splitter.end(reader);
  return reader.page;
}

class PageReader {
  readonly page: ReadPage = { samples: [], faults: [] };
  private readonly dialect: Dialect;
  private readonly families: FamilyTable;
  private readonly sample: SampleLine;
  private ended = false;

  constructor(options: ReadPageOptions) {
    this.dialect = options.dialect ?? "text";
    this.families = new FamilyTable(options.maxFamilies ?? 10_000);
    this.sample = new SampleLine(options.maxLabels ?? 256);
  }

  line(bytes: Uint8Array, start: number, end: number, lineNumber: number): void {
    const text = Buffer.from(bytes.subarray(start, end))
      .toString("latin1")
      .replace(/^[ \t]+/, "");
    if (text === "") {
      return;
    }
    if (this.ended) {
      this.fault("after_eof", lineNumber);
    } else if (text.startsWith("#")) {
      this.comment(bytes, start, end, lineNumber);
    } else {
      this.sampleLine(bytes, start, end, lineNumber);
    }
  }

  tooLong(_bytes: Uint8Array, _start: number, _end: number, lineNumber: number): void {
    this.fault("line_too_long", lineNumber);
  }

  private comment(bytes: Uint8Array, start: number, end: number, lineNumber: number): void {
    const comment = parseComment(bytes, start, end, this.dialect);
    switch (comment.kind) {
      case "type":
        this.families.declare(comment.family, comment.type);
        break;
      case "eof":
        this.ended = true;
        break;
      case "fault":
        this.fault(comment.reason, lineNumber);
        break;
      case "other":
        break;
    }
  }

  private sampleLine(bytes: Uint8Array, start: number, end: number, lineNumber: number): void {
    const sample = this.sample;
    const reason = parseSampleLine(bytes, start, end, this.dialect, sample);
    if (reason !== undefined) {
      this.fault(reason, lineNumber);
      return;
    }
    const name = labelText(bytes, sample.nameStart, sample.nameEnd, sample.nameEscaped);
    const labels = labelsOf(bytes, sample);
    this.page.samples.push({
      name,
      labels,
      value: sampleValue(bytes, sample),
      timestampMs: Number.isNaN(sample.timestampMs) ? undefined : sample.timestampMs,
      role: this.families.roleOf(
        name,
        labels.some(([label]) => label === "quantile"),
      ),
    });
  }

  private fault(reason: LineFault, line: number): void {
    this.page.faults.push({ line, reason });
  }
}

function labelsOf(bytes: Uint8Array, sample: SampleLine): [string, string][] {
  const labels: [string, string][] = [];
  for (let label = 0; label < sample.labelCount; label++) {
    const [nameStart = 0, nameEnd = 0, start = 0, end = 0] = sample.spans.subarray(label * 4);
    const flags = sample.escapes[label] ?? 0;
    labels.push([
      labelText(bytes, nameStart, nameEnd, (flags & 1) !== 0),
      labelText(bytes, start, end, (flags & 2) !== 0),
    ]);
  }
  return labels;
}

function sampleValue(bytes: Uint8Array, sample: SampleLine): number {
  switch (sample.valueKind) {
    case "plain":
      return numberOf(bytes, sample.valueStart, sample.valueEnd);
    case "number":
      return sample.value;
    case "nan":
      return Number.NaN;
    case "+inf":
      return Number.POSITIVE_INFINITY;
    case "-inf":
      return Number.NEGATIVE_INFINITY;
  }
}
