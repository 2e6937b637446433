import { skipBlanks, skipMetricName, skipWord } from "./byte-scan.ts";
import type { Dialect } from "./dialect.ts";
import { isExemplar } from "./exemplar.ts";
import { braceFault, DuplicateSlots, parseBraces } from "./label-braces.ts";
import { BARE_SHAPE, type LabelShape, LabelShapes } from "./label-shape.ts";
import type { LineFault } from "./line-fault.ts";
import { type NumberKind, numberKind, numberOf, smallInteger } from "./number-text.ts";

// A sample line, blanks and tabs allowed between any two parts (`[ ]`: may be left out):
//
//   name [ { [label [, label]… [,]] } ] value [timestamp] [# exemplar]
//   { "name" [, label]… [,] } value [timestamp] [# exemplar]      a quoted name may stand at any place in the braces
//   label: name = "value" or "name" = "value"
//
// As in Prometheus, labels in text need no comma between them, and a value may touch the name (`a-1`).

const HASH = 0x23;
const BRACE_OPEN = 0x7b;

/** Prometheus holds a time as int64 milliseconds. */
const MAX_TIME_MS = 2 ** 63;
const MS_PER_SECOND = 1000;

/** How the value of a sample is written. `plain`: `-?digits(.digits)?([eE][+-]?digits)?`, finite, at most 32 bytes. */
export type ValueKind = NumberKind;

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
  /**
   * Unix milliseconds, NaN where the line has no timestamp. Fractions are cut off, as in Prometheus. It may lie outside
   * what a destination can hold.
   */
  timestampMs = Number.NaN;
  readonly duplicates: DuplicateSlots;
  /** Counts the lines parsed. */
  number = 0;
  /** What the labels have in common with those of other lines; undefined where that is not known. */
  shape: LabelShape | undefined;
  readonly shapes = new LabelShapes();

  constructor(maxLabels: number) {
    this.spans = new Int32Array(maxLabels * 4);
    this.escapes = new Uint8Array(maxLabels);
    this.duplicates = new DuplicateSlots(maxLabels);
  }
}

/**
 * Parses `bytes[start, end)`, one line without its line end that is neither blank nor a comment.
 * Answers undefined when `line` holds the sample, else why the line is refused.
 */
export function parseSampleLine(
  bytes: Uint8Array,
  start: number,
  end: number,
  dialect: Dialect,
  line: SampleLine,
): LineFault | undefined {
  const name = skipBlanks(bytes, start, end);
  let at = skipMetricName(bytes, name, end);
  line.labelCount = 0;
  line.nameStart = name;
  line.nameEnd = at;
  line.nameEscaped = false;
  line.number++;
  line.shape = BARE_SHAPE;
  at = skipBlanks(bytes, at, end);
  if (at < end && bytes[at] === BRACE_OPEN) {
    at = parseLabels(bytes, at + 1, end, dialect, line);
    if (at < 0) {
      return braceFault(at);
    }
    at = skipBlanks(bytes, at, end);
  }
  if (line.nameEnd === line.nameStart) {
    return "bad_name";
  }
  return parseSuffix(bytes, at, end, dialect, line);
}

/** From behind `{` to behind `}`, or what `parseBraces` answers for a fault. */
function parseLabels(
  bytes: Uint8Array,
  start: number,
  end: number,
  dialect: Dialect,
  line: SampleLine,
): number {
  const hasName = line.nameEnd > line.nameStart;
  const known = hasName ? line.shapes.follow(bytes, start, end, dialect, line) : -1;
  if (known >= 0) {
    return known;
  }
  const at = parseBraces(bytes, start, end, dialect, line);
  line.shape = undefined;
  if (at >= 0 && hasName) {
    line.shapes.learn(bytes, start, at, dialect, line);
  }
  return at;
}

/** What stands behind the series: value, timestamp, exemplar. */
function parseSuffix(
  bytes: Uint8Array,
  start: number,
  end: number,
  dialect: Dialect,
  line: SampleLine,
): LineFault | undefined {
  let at = skipWord(bytes, start, end);
  line.valueStart = start;
  line.valueEnd = at;
  line.timestampMs = Number.NaN;
  const kind = numberKind(bytes, start, at);
  if (kind === undefined) {
    // `a-b 1`: what touches the name and is no value is most likely meant as a part of it.
    return start === line.nameEnd && at > start ? "bad_name" : "bad_value";
  }
  line.valueKind = kind;
  line.value = kind === "number" ? numberOf(bytes, start, at) : 0;
  at = skipBlanks(bytes, at, end);
  if (at === end) {
    return undefined;
  }
  if (bytes[at] !== HASH) {
    const time = at;
    at = skipWord(bytes, at, end);
    line.timestampMs = timestampOf(bytes, time, at, dialect);
    if (Number.isNaN(line.timestampMs)) {
      return "bad_timestamp";
    }
    at = skipBlanks(bytes, at, end);
    if (at === end) {
      return undefined;
    }
    if (bytes[at] !== HASH) {
      return "trailing_text";
    }
  }
  // Text has no exemplars: there it is a comment, whatever it holds.
  return dialect === "text" || isExemplar(bytes, at + 1, end) ? undefined : "bad_exemplar";
}

/** Milliseconds of a text timestamp, of the seconds of an OpenMetrics one; NaN where it is none. */
function timestampOf(bytes: Uint8Array, start: number, end: number, dialect: Dialect): number {
  const scale = dialect === "openmetrics" ? MS_PER_SECOND : 1;
  const whole = smallInteger(bytes, start, end);
  if (whole !== undefined) {
    return whole * scale;
  }
  const kind = numberKind(bytes, start, end);
  if (kind !== "plain" && kind !== "number") {
    return Number.NaN;
  }
  const time = Math.trunc(numberOf(bytes, start, end) * scale);
  // OpenMetrics sets no limit, and Prometheus refuses no number of seconds.
  const limit = dialect === "openmetrics" ? Number.MAX_VALUE : MAX_TIME_MS;
  return Math.abs(time) <= limit ? time : Number.NaN;
}
