import type { SampleLine } from "../exposition/sample-line.ts";
import {
  floatText,
  NEGATIVE_INFINITY_TEXT,
  POSITIVE_INFINITY_TEXT,
  timestampText,
} from "../lineprotocol/field-value.ts";
import { LineBuffer } from "../lineprotocol/line-buffer.ts";
import { sameBytes } from "../rules/label-table.ts";
import { HOUR } from "../units.ts";
import { type LineCounts, noLines } from "./line-counts.ts";

const BLANK = 0x20;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const LINE_FEED = 0x0a;

/** Of points that carry the field `status`, which category logging asks for. */
const STATUS = ',status="INFO"';
const STATUS_FIELD = new TextEncoder().encode("status");

const encoder = new TextEncoder();

/**
 * Farther than this from the time of the scrape, a sample's own time is taken for a mistake
 * (datakit.md 4.2).
 */
export const FARTHEST_TIME_MS = 2 * HOUR;
/** Where such a time goes: nanoseconds. */
const ORIGINAL_TIME = "__orig_time";

/** Half of a `_sum`/`_count` pair that waits for the other. */
export interface PairHalf {
  readonly part: "sum" | "count";
  /** Measurement and tags as they stand in the output, one character a byte. */
  readonly seriesKey: string;
  /** Field key and value as they stand in the output. */
  readonly field: Uint8Array;
  readonly value: string;
}

/**
 * Ends lines whose series key is written: field, value, time. Counts points and the samples in
 * them.
 *
 * `_sum` and `_count` of one label set become one point, as in DataKit, where no other point stands
 * between them, which is how exporters write them. Else each is a point of its own; a missing half
 * is never invented.
 */
export class PointWriter {
  /** What was written last: a half, or a point of its own (`text`). */
  last: PairHalf | "single" = "single";
  /**
   * Of a point of its own: whether its field is one beside which category logging wants a status.
   */
  lastNeedsStatus = true;
  #pointStart = 0;
  #valueStart = 0;
  readonly #logging: boolean;
  readonly #correctTimes: boolean;
  #held: PairHalf | undefined;
  #out: LineBuffer = new LineBuffer(0);
  #counts: LineCounts = noLines();
  #at = "";
  #atMs = 0;
  /** Blank, that time, line feed. */
  #end = new Uint8Array(0);

  constructor(logging: boolean, correctTimes: boolean) {
    this.#logging = logging;
    this.#correctTimes = correctTimes;
  }

  /** A page begins. `atMs`: the time points carry, Unix milliseconds. */
  begin(out: LineBuffer, counts: LineCounts, atMs: number): void {
    this.#out = out;
    this.#counts = counts;
    this.#at = timestampText(atMs) ?? "0";
    this.#atMs = atMs;
    this.#end = encoder.encode(` ${this.#at}\n`);
    this.#held = undefined;
  }

  /** A half waits for the other. */
  get holds(): boolean {
    return this.#held !== undefined;
  }

  /**
   * What stands behind the value of a point that carries the time of the scrape. `withStatus`: its
   * field may need one.
   */
  tail(withStatus: boolean): string {
    return `${withStatus && this.#logging ? STATUS : ""} ${this.#at}\n`;
  }

  /**
   * Of the point written last, one of its own: everything before the value. Valid until the next
   * line.
   */
  text(): Uint8Array {
    return this.#out.bytes.subarray(this.#pointStart, this.#valueStart);
  }

  /** A half that was met elsewhere waits here from now on. */
  hold(half: PairHalf): void {
    this.#held = half;
  }

  /**
   * A sample that is a point of its own; the series key begins at `keyStart` of the buffer and ends
   * with it.
   */
  writeSingle(
    keyStart: number,
    field: Uint8Array,
    line: SampleLine,
    bytes: Uint8Array,
    honorTime: boolean,
  ): void {
    const out = this.#out;
    this.#pointStart = keyStart;
    if (this.#held !== undefined) {
      const seriesKey = out.bytes.slice(keyStart, out.length);
      out.length = keyStart;
      this.release();
      this.#pointStart = out.length;
      out.put(seriesKey);
    }
    out.putByte(BLANK);
    out.put(field);
    out.putByte(EQUALS);
    this.#valueStart = out.length;
    this.last = "single";
    this.lastNeedsStatus = needsStatus(field);
    if (line.valueKind === "plain") {
      out.putRange(bytes, line.valueStart, line.valueEnd);
    } else {
      out.putText(valueText(line));
    }
    const own = honorTime && line.timestampMs > 0 ? timestampText(line.timestampMs) : undefined;
    if (own !== undefined && this.#isFar(line.timestampMs)) {
      this.#keepOriginal(field, own);
      this.#endLine(field, undefined, 1);
    } else {
      this.#endLine(field, own, 1);
    }
  }

  /**
   * Half of a `_sum`/`_count` pair; the series key begins at `keyStart` of the buffer and ends with
   * it. The point carries the time of the scrape whatever the sample says (datakit.md 2.6).
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
    const half: PairHalf = { part, seriesKey, field, value };
    this.last = half;
    const held = this.#held;
    if (held !== undefined && held.part !== part && held.seriesKey === seriesKey) {
      this.#held = undefined;
      this.#writeFields(part === "count" ? [half, held] : [held, half]);
      return;
    }
    out.length = keyStart;
    this.release();
    this.#held = half;
  }

  /** A half that waits becomes a point of its own: the page ended, or another point comes. */
  release(): void {
    const held = this.#held;
    if (held !== undefined) {
      this.#held = undefined;
      this.#out.putText(held.seriesKey);
      this.#writeFields([held]);
    }
  }

  #isFar(ownMs: number): boolean {
    return this.#correctTimes && Math.abs(ownMs - this.#atMs) > FARTHEST_TIME_MS;
  }

  /** Unless the field itself has that name. */
  #keepOriginal(field: Uint8Array, time: string): void {
    this.#counts.timesCorrected++;
    if (latin1(field, 0, field.length) !== ORIGINAL_TIME) {
      this.#out.putText(`,${ORIGINAL_TIME}=${time}i`);
    }
  }

  #writeFields(halves: readonly PairHalf[]): void {
    const out = this.#out;
    let delimiter = BLANK;
    for (const { field, value } of halves) {
      out.putByte(delimiter);
      out.put(field);
      out.putByte(EQUALS);
      out.putText(value);
      delimiter = COMMA;
    }
    this.#endLine((halves[0] as PairHalf).field, undefined, halves.length);
  }

  /** `time`: nanoseconds, undefined for those of the scrape. */
  #endLine(field: Uint8Array, time: string | undefined, samples: number): void {
    const out = this.#out;
    if (this.#logging && needsStatus(field)) {
      out.putText(STATUS);
    }
    if (time === undefined) {
      out.put(this.#end);
    } else {
      out.putByte(BLANK);
      out.putText(time);
      out.putByte(LINE_FEED);
    }
    this.#counts.points++;
    this.#counts.sent += samples;
  }
}

/** Not where the field itself has that name. */
export function needsStatus(field: Uint8Array): boolean {
  return !sameBytes(STATUS_FIELD, field, 0, field.length);
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

/**
 * Bytes as text of one character each, which `LineBuffer.putText` turns back into the same bytes.
 */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}
