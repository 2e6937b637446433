import { skipBlanks, skipMetricName, skipWord } from "./byte-scan.ts";
import type { Dialect } from "./dialect.ts";
import { isExemplar } from "./exemplar.ts";
import { braceFault, parseBraces } from "./label-braces.ts";
import { BARE_SHAPE } from "./label-shape.ts";
import type { LineFault } from "./line-fault.ts";
import { numberKind, numberOf, smallInteger } from "./number-text.ts";
import type { SampleLine } from "./sample-line.ts";

// A sample line, blanks and tabs allowed between any two parts (`[ ]`: may be left out):
//
//   name [ { [label [, label]… [,]] } ] value [timestamp] [# exemplar]
//   { "name" [, label]… [,] } value [timestamp] [# exemplar]      a quoted name may stand at any place in the braces
//   label: name = "value" or "name" = "value"
//
// As in Prometheus, labels in text need no comma between them, and a value may touch the name
// (`a-1`).

const HASH = 0x23;
const BRACE_OPEN = 0x7b;

/** Prometheus holds a time as int64 milliseconds. */
const MAX_TIME_MS = 2 ** 63;
const MS_PER_SECOND = 1000;

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
