import type { SampleLine } from "../exposition/sample-line.ts";
import {
  floatText,
  NEGATIVE_INFINITY_TEXT,
  POSITIVE_INFINITY_TEXT,
  timestampText,
} from "../lineprotocol/field-value.ts";
import { LineBuffer } from "../lineprotocol/line-buffer.ts";
import { type LineCounts, noLines } from "./line-counts.ts";
import { type HeldHalf, PairHolder } from "./pair-holder.ts";

const BLANK = 0x20;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const LINE_FEED = 0x0a;

/** Ends lines whose series key is written: field, value, time. Counts points and the samples in them. */
export class PointWriter {
  readonly #pairs = new PairHolder();
  readonly #logging: boolean;
  #out: LineBuffer = new LineBuffer(0);
  #counts: LineCounts = noLines();
  #at = "";

  /** `logging`: points carry the field `status` that category logging asks for. */
  constructor(logging: boolean) {
    this.#logging = logging;
  }

  /** A page begins. `atMs`: the time points carry, Unix milliseconds. */
  begin(out: LineBuffer, counts: LineCounts, atMs: number): void {
    this.#out = out;
    this.#counts = counts;
    this.#at = timestampText(atMs) ?? "0";
    this.#pairs.drain();
  }

  /** A sample that is a point of its own; the series key is at the end of the buffer. */
  writeSingle(field: Uint8Array, line: SampleLine, bytes: Uint8Array, honorTime: boolean): void {
    const out = this.#out;
    out.putByte(BLANK);
    out.put(field);
    out.putByte(EQUALS);
    if (line.valueKind === "plain") {
      out.putRange(bytes, line.valueStart, line.valueEnd);
    } else {
      out.putText(valueText(line));
    }
    const own = honorTime && line.timestampMs > 0 ? timestampText(line.timestampMs) : undefined;
    this.#endLine(field, own ?? this.#at, 1);
  }

  /**
   * Half of a `_sum`/`_count` pair; the series key begins at `keyStart` of the buffer and ends with it. The point carries
   * the time of the scrape whatever the sample says (datakit.md 2.6).
   */
  writeHalf(
    keyStart: number,
    part: "sum" | "count",
    field: Uint8Array,
    line: SampleLine,
    bytes: Uint8Array,
  ): void {
    const out = this.#out;
    const seriesKey = latin1(out.bytes, keyStart, out.length);
    const value =
      line.valueKind === "plain" ? latin1(bytes, line.valueStart, line.valueEnd) : valueText(line);
    const half: HeldHalf = { part, field, value };
    const other = this.#pairs.match(seriesKey, half);
    if (other === undefined) {
      out.length = keyStart;
      this.#release(this.#pairs.overflow());
    } else if (other.part === part) {
      out.length = keyStart;
      this.#release([seriesKey, other]);
    } else {
      this.#writeFields(part === "count" ? [half, other] : [other, half]);
    }
  }

  /** The page ended: halves without a partner become points. */
  end(): void {
    for (const held of this.#pairs.drain()) {
      this.#release(held);
    }
  }

  #release(held: readonly [seriesKey: string, HeldHalf] | undefined): void {
    if (held !== undefined) {
      this.#out.putText(held[0]);
      this.#writeFields([held[1]]);
    }
  }

  #writeFields(halves: readonly HeldHalf[]): void {
    const out = this.#out;
    let delimiter = BLANK;
    for (const { field, value } of halves) {
      out.putByte(delimiter);
      out.put(field);
      out.putByte(EQUALS);
      out.putText(value);
      delimiter = COMMA;
    }
    this.#endLine((halves[0] as HeldHalf).field, this.#at, halves.length);
  }

  #endLine(field: Uint8Array, time: string, samples: number): void {
    const out = this.#out;
    if (this.#logging && latin1(field, 0, field.length) !== "status") {
      out.putText(',status="INFO"');
    }
    out.putByte(BLANK);
    out.putText(time);
    out.putByte(LINE_FEED);
    this.#counts.points++;
    this.#counts.sent += samples;
  }
}

/** Of a value that is not copied as it stands; NaN never comes here. */
function valueText(line: SampleLine): string {
  switch (line.valueKind) {
    case "+inf":
      return POSITIVE_INFINITY_TEXT;
    case "-inf":
      return NEGATIVE_INFINITY_TEXT;
    default:
      return floatText(line.value);
  }
}

/** Bytes as text of one character each, which `LineBuffer.putText` turns back into the same bytes. */
function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}
