import { type Comment, parseComment } from "../exposition/comment-line.ts";
import type { Dialect } from "../exposition/dialect.ts";
import { FamilyTable, type SampleRole } from "../exposition/family-table.ts";
import { faultExcerpt } from "../exposition/fault-excerpt.ts";
import type { LineFault } from "../exposition/line-fault.ts";
import { type LineConsumer, LineSplitter } from "../exposition/line-splitter.ts";
import { parseSampleLine } from "../exposition/parse-sample-line.ts";
import type { SampleLine } from "../exposition/sample-line.ts";
import type { PageStop } from "../page-sink.ts";
import type { FilterRule } from "../rules/filter-rule.ts";
import type { RulesProgram } from "../rules/rules-program.ts";
import type { ScrapeLimits } from "../scrape-limits.ts";
import type { FaultExample } from "./fault-example.ts";
import { type DropReason, type LineCounts, noLines } from "./line-counts.ts";
import { type Declaration, LineOutcome } from "./line-outcome.ts";
import { type KeptName, NameTable, type PassedName } from "./name-table.ts";
import type { PageIntake } from "./page-intake.ts";
import { PayloadWriter } from "./payload-writer.ts";
import { PointWriter } from "./point-writer.ts";
import { SampleRelabeler } from "./sample-relabeler.ts";
import { compileRelabel } from "./shared-rules.ts";
import { LineRoom } from "./tags/line-room.ts";
import { TagAssembler } from "./tags/tag-assembler.ts";

const TAB = 0x09;
const BLANK = 0x20;
const HASH = 0x23;

/** Malformed lines shown of one page. */
const MAX_EXAMPLES = 5;
/** Declared types held of one page, the oldest forgotten first. */
export const MAX_FAMILIES = 16_384;

export type TransformLimits = Pick<ScrapeLimits, "lineBytes" | "labelsPerLine" | "samples">;

const NO_OUTPUT = new PayloadWriter();

/**
 * The cold path: the bytes of a page in, payloads of line protocol out. One page at a time; what it
 * learns of names and labels is kept from page to page.
 */
export class PageTransform implements LineConsumer, PageIntake {
  counts: LineCounts = noLines();
  examples: FaultExample[] = [];
  /** The page holds more sample lines than it may: nothing after that line was read. */
  stopped: PageStop | undefined;
  readonly points: PointWriter;
  readonly families = new FamilyTable(MAX_FAMILIES);

  readonly #outcome: LineOutcome;
  readonly #program: RulesProgram;
  readonly #limits: TransformLimits;
  readonly #splitter: LineSplitter;
  readonly #tags: TagAssembler;
  readonly #names: NameTable;
  /** Undefined where no rule asks for it: then it costs nothing. */
  readonly #relabeler: SampleRelabeler | undefined;
  #output = NO_OUTPUT;
  #dialect: Dialect = "text";
  #ended = false;

  /**
   * `room`: shared with others of the thread, for as many labels as the limits say. `relabel`: the
   * programs of `program.config.series`.
   */
  constructor(
    program: RulesProgram,
    limits: TransformLimits,
    room = new LineRoom(limits.labelsPerLine),
    relabel = compileRelabel(program.config),
  ) {
    this.#program = program;
    this.#limits = limits;
    this.#splitter = new LineSplitter(limits.lineBytes);
    this.#outcome = new LineOutcome(room.sample);
    this.#tags = new TagAssembler(program, room);
    this.#names = new NameTable(program, this.#tags);
    const { asLogging, correctTimes } = program.config;
    this.points = new PointWriter(asLogging !== undefined, correctTimes === true);
    this.#relabeler = SampleRelabeler.of(program.config, relabel, limits.labelsPerLine);
  }

  /** A page begins whose points carry `atMs` (Unix milliseconds) and go to `output`. */
  begin(dialect: Dialect, atMs: number, output: PayloadWriter): void {
    this.#output = output;
    this.#dialect = dialect;
    this.#ended = false;
    this.stopped = undefined;
    this.counts = noLines();
    this.examples = [];
    this.#splitter.reset();
    this.families.reset();
    this.#tags.reset();
    this.#names.begin();
    this.points.begin(output.lines, this.counts, atMs);
    this.#relabeler?.begin(atMs);
  }

  /** What became of the line read last, which a replay learns from. Valid until the next line. */
  get outcome(): Readonly<LineOutcome> {
    return this.#outcome;
  }

  /** What was decided of series on earlier pages may be decided anew from this page on. */
  get forgot(): boolean {
    return this.#relabeler?.forgot ?? false;
  }

  /**
   * Samples that this page may still have without going beyond a limit, whatever is filtered of
   * them.
   */
  get samplesLeft(): number {
    const left = this.#limits.samples - this.counts.samples;
    return Math.min(left, this.#relabeler?.samplesLeft(this.counts) ?? left);
  }

  /** Of the line that comes next, from 1. */
  get lineNumber(): number {
    return this.#splitter.lineNumber;
  }

  set lineNumber(lineNumber: number) {
    this.#splitter.lineNumber = lineNumber;
  }

  /** A `# TYPE` line was passed. */
  declare({ family, type }: Declaration): void {
    this.families.declare(family, type);
    this.#names.forgetLast();
  }

  /** The next bytes of the page; a chunk may end anywhere. Valid during the call only. */
  push(chunk: Uint8Array): void {
    this.#splitter.push(chunk, this);
  }

  /**
   * The page is over: what was held is written, and stays in the output for `flush`. Where it did
   * not come whole its last, unfinished line is left out: half a number is a number too.
   */
  end(whole: boolean): void {
    if (whole) {
      this.#splitter.end(this);
    }
    this.points.release();
    this.#outcome.line.shapes.clear();
    this.#tags.forgetPlans();
    this.#output = NO_OUTPUT;
    this.families.reset();
    if (this.#names.end()) {
      this.#forgetNames();
    }
  }

  line(bytes: Uint8Array, start: number, end: number, lineNumber: number): void {
    this.#outcome.reset();
    if (this.stopped !== undefined) {
      return;
    }
    let from = start;
    while (from < end && (bytes[from] === BLANK || bytes[from] === TAB)) {
      from++;
    }
    if (from === end) {
      this.counts.lines++;
      this.counts.blank++;
    } else if (this.#ended) {
      this.#fault("after_eof", bytes, start, end, lineNumber);
    } else if (bytes[from] === HASH) {
      this.#comment(bytes, from, end, lineNumber);
    } else {
      this.#sample(bytes, from, end, lineNumber);
    }
  }

  tooLong(bytes: Uint8Array, start: number, end: number, lineNumber: number): void {
    this.#outcome.reset();
    if (this.stopped === undefined) {
      this.#fault("line_too_long", bytes, start, end, lineNumber);
    }
  }

  #comment(bytes: Uint8Array, start: number, end: number, lineNumber: number): void {
    const comment: Comment = parseComment(bytes, start, end, this.#dialect);
    if (comment.kind === "fault") {
      this.#fault(comment.reason, bytes, start, end, lineNumber);
      return;
    }
    this.counts.lines++;
    this.counts.comments++;
    this.#outcome.kind = "comment";
    if (comment.kind === "type") {
      this.#outcome.kind = "type";
      this.#outcome.declared = comment;
      this.declare(comment);
    } else if (comment.kind === "eof") {
      this.#outcome.kind = "eof";
      this.#ended = true;
    }
  }

  #sample(bytes: Uint8Array, start: number, end: number, lineNumber: number): void {
    const { line } = this.#outcome;
    const fault = parseSampleLine(bytes, start, end, this.#dialect, line);
    if (fault !== undefined) {
      this.#fault(fault, bytes, start, end, lineNumber);
      return;
    }
    if (this.counts.samples >= this.#limits.samples) {
      this.stopped = "sample_limit";
      return;
    }
    this.counts.lines++;
    this.counts.samples++;
    this.#outcome.kind = "sample";
    if (this.#tags.full) {
      this.#forgetNames();
    }
    const name = this.#names.resolve(line, bytes, this.families);
    if (name.kind === "filtered") {
      this.#filter(name.rule);
    } else if (this.#relabeler === undefined) {
      this.#pass(name, line, bytes);
    } else {
      this.#relabel(this.#relabeler, name, bytes);
    }
  }

  #forgetNames(): void {
    this.#tags.forget();
    this.#names.reset();
  }

  #pass(name: PassedName, line: SampleLine, bytes: Uint8Array): void {
    if (name.kind === "kept") {
      this.#keep(name, line, bytes);
    } else {
      this.#tags.collectInfo(line, bytes);
      this.#drop("info");
    }
  }

  #relabel(relabeler: SampleRelabeler, name: PassedName, bytes: Uint8Array): void {
    const verdict = relabeler.apply(this.#outcome.line, bytes, this.counts);
    switch (verdict.kind) {
      case "kept":
        this.#pass(this.#names.renamed(name, verdict.name), relabeler.line, relabeler.bytes);
        break;
      case "dropped":
        if (verdict.by === "series_limit") {
          this.#drop("series_limit");
        } else {
          this.#filter(verdict.by);
        }
        break;
      case "stop":
        // The line that went beyond a limit counts as not read.
        this.counts.lines--;
        this.counts.samples--;
        this.#outcome.reset();
        this.stopped = verdict.reason;
        break;
    }
  }

  #keep(name: KeptName, line: SampleLine, bytes: Uint8Array): void {
    if (!representable(line.valueKind, name.role)) {
      this.#drop("not_finite");
      return;
    }
    if (name.field.length === 0) {
      this.#drop("no_field");
      return;
    }
    const out = this.#output.lines;
    const keyStart = out.length;
    const { part } = name.role;
    if (!this.#tags.writeKey(out, name, line, bytes)) {
      this.#drop("series_key_too_long");
    } else if (part === "sum" || part === "count") {
      this.points.writeHalf(keyStart, part, name.field, line, bytes);
    } else {
      this.points.writeSingle(
        keyStart,
        name.field,
        line,
        bytes,
        this.#program.config.honorTimestamps,
      );
    }
    this.#output.cut(this.counts);
  }

  #filter(rule: FilterRule): void {
    this.counts.filtered[rule]++;
    this.#outcome.lost = rule;
  }

  #drop(reason: DropReason): void {
    this.counts.dropped[reason]++;
    this.#outcome.lost = reason;
  }

  #fault(
    reason: LineFault,
    bytes: Uint8Array,
    start: number,
    end: number,
    lineNumber: number,
  ): void {
    this.counts.lines++;
    this.counts.malformed[reason] = (this.counts.malformed[reason] ?? 0) + 1;
    if (this.examples.length < MAX_EXAMPLES) {
      const excerpt = faultExcerpt(bytes, start, end);
      this.examples.push({ line: lineNumber, reason, excerpt });
    }
  }
}

/**
 * NaN never makes a point; infinities do in parts of a family, as the constants DataKit writes
 * (datakit.md 2.4).
 */
function representable(kind: SampleLine["valueKind"], role: SampleRole): boolean {
  switch (kind) {
    case "nan":
      return false;
    case "+inf":
    case "-inf":
      return role.part !== "scalar";
    default:
      return true;
  }
}
