import { skipBlanks, skipMetricName, skipQuoted, skipWord } from "./byte-scan.ts";
import { numberKind } from "./number-text.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const EQUAL = 0x3d;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;

/**
 * Whether `bytes[start, end)`, what follows the `#` behind a sample, is an exemplar (OpenMetrics
 * 1.0, "Exemplars"): `{labels} value [timestamp]`. Only its form is checked, since nothing is made
 * of it.
 */
export function isExemplar(bytes: Uint8Array, start: number, end: number): boolean {
  let at = skipBlanks(bytes, start, end);
  if (at === end || bytes[at] !== BRACE_OPEN) {
    return false;
  }
  at = skipExemplarLabels(bytes, at + 1, end);
  if (at < 0) {
    return false;
  }
  const value = skipBlanks(bytes, at, end);
  at = skipWord(bytes, value, end);
  if (numberKind(bytes, value, at) === undefined) {
    return false;
  }
  const time = skipBlanks(bytes, at, end);
  if (time === end) {
    return true;
  }
  at = skipWord(bytes, time, end);
  const kind = numberKind(bytes, time, at);
  return (kind === "plain" || kind === "number") && skipBlanks(bytes, at, end) === end;
}

/** From behind `{` to behind `}`, -1 where the labels are malformed. */
function skipExemplarLabels(bytes: Uint8Array, start: number, end: number): number {
  let at = skipBlanks(bytes, start, end);
  while (at < end && bytes[at] !== BRACE_CLOSE) {
    at = skipExemplarLabel(bytes, at, end);
    if (at < 0) {
      return -1;
    }
    at = skipBlanks(bytes, at, end);
    if (at < end && bytes[at] === COMMA) {
      at = skipBlanks(bytes, at + 1, end);
    } else if (at < end && bytes[at] !== BRACE_CLOSE) {
      return -1;
    }
  }
  return at < end ? at + 1 : -1;
}

function skipExemplarLabel(bytes: Uint8Array, start: number, end: number): number {
  let at =
    bytes[start] === QUOTE ? skipQuoted(bytes, start + 1, end) : skipMetricName(bytes, start, end);
  if (at <= start) {
    return -1;
  }
  at = skipBlanks(bytes, at, end);
  if (at === end || bytes[at] !== EQUAL) {
    return -1;
  }
  at = skipBlanks(bytes, at + 1, end);
  return at < end && bytes[at] === QUOTE ? skipQuoted(bytes, at + 1, end) : -1;
}
