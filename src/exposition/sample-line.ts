import type { Dialect } from "./dialect.ts";
import type { LineFault } from "./line-fault.ts";

/** How the value of a sample is written. `plain`: `-?digits(.digits)?([eE][+-]?digits)?`, finite, at most 32 bytes. */
export type ValueKind = "plain" | "number" | "nan" | "+inf" | "-inf";

/**
 * One sample line as offsets into the bytes it was parsed from. Made once and reused for every line: what it says is
 * valid until the next parse and as long as these bytes are.
 */
export class SampleLine {
  /** Without quotes. */
  nameStart = 0;
  nameEnd = 0;
  /** The name was quoted and holds a backslash escape. */
  nameEscaped = false;
  labelCount = 0;
  /** Four offsets a label: name start, name end, value start, value end, quotes excluded. */
  readonly spans: Int32Array;
  /** One flag byte a label: bit 0, the name holds an escape; bit 1, the value does. */
  readonly escapes: Uint8Array;
  valueStart = 0;
  valueEnd = 0;
  valueKind: ValueKind = "plain";
  /** The float64, set for kind `number` only (a plain value is copied as text and rarely needed as a number). */
  value = 0;
  /** Unix milliseconds, NaN where the line has no timestamp. */
  timestampMs = Number.NaN;

  constructor(maxLabels: number) {
    this.spans = new Int32Array(maxLabels * 4);
    this.escapes = new Uint8Array(maxLabels);
  }
}

/**
 * Parses `bytes[start, end)`, one line without its line end that is neither blank nor a comment.
 * Answers undefined when `line` holds the sample, else why the line is refused.
 */
export function parseSampleLine(
  _bytes: Uint8Array,
  _start: number,
  _end: number,
  _dialect: Dialect,
  _line: SampleLine,
): LineFault | undefined {
  throw new Error("not built yet");
}
