// Numbers as Go's ParseFloat takes them without `p` and `_`: decimal, `inf`, `infinity`, `nan` in
// any case. Hexadecimal floats need a `p` there, so they are out. One leniency: a signed nan, which
// C programs print.

const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const LETTER_E = 0x65;
const LETTER_I = 0x69;
const LETTER_N = 0x6e;
const LOWER = 0x20;

/** Longer texts are not copied as they stand (line protocol servers have limits of their own). */
const MAX_PLAIN_BYTES = 32;
/** With at most 32 bytes of digits, a smaller exponent cannot leave the range of float64. */
const SAFE_EXPONENT = 270;

/**
 * `plain`: `-?digits(.digits)?([eE][+-]?digits)?`, finite, at most 32 bytes. `number`: finite, in
 * another spelling.
 */
export type NumberKind = "plain" | "number" | "nan" | "+inf" | "-inf";

const ASCII = new TextDecoder();

/** What `bytes[start, end)` is, undefined where it is no number or a decimal beyond float64. */
export function numberKind(bytes: Uint8Array, start: number, end: number): NumberKind | undefined {
  const sign = start < end ? (bytes[start] as number) : 0;
  const whole = sign === MINUS || sign === PLUS ? start + 1 : start;
  const point = skipDigits(bytes, whole, end);
  const couldBePlain = sign !== PLUS && point > whole && end - start <= MAX_PLAIN_BYTES;
  if (point === end && couldBePlain) {
    return "plain";
  }
  if (point < end && bytes[point] === DOT) {
    const at = skipDigits(bytes, point + 1, end);
    // A point needs a digit on one side at least, and a plain number has one on both.
    return at - whole === 1
      ? undefined
      : decimalKind(bytes, start, at, end, couldBePlain && at > point + 1);
  }
  return point === whole
    ? nonFiniteKind(bytes, whole, end, sign === MINUS)
    : decimalKind(bytes, start, point, end, couldBePlain);
}

/**
 * Goes on behind the digits that end at `at`, with the exponent and the question whether the number
 * fits float64.
 */
function decimalKind(
  bytes: Uint8Array,
  start: number,
  at: number,
  end: number,
  isPlain: boolean,
): NumberKind | undefined {
  const exponent = at < end ? exponentDigits(bytes, at, end) : end;
  if (exponent < 0) {
    return undefined;
  }
  const fits =
    (end - start <= MAX_PLAIN_BYTES && exponentIsSafe(bytes, exponent, end)) ||
    Number.isFinite(numberOf(bytes, start, end));
  if (!fits) {
    return undefined;
  }
  return isPlain ? "plain" : "number";
}

/** The float64 of a text for which `numberKind` said `plain` or `number`. */
export function numberOf(bytes: Uint8Array, start: number, end: number): number {
  return Number(ASCII.decode(bytes.subarray(start, end)));
}

/** A whole number of at most 15 digits, which needs no text: undefined for anything else. */
export function smallInteger(bytes: Uint8Array, start: number, end: number): number | undefined {
  const negative = start < end && bytes[start] === MINUS;
  const first = negative ? start + 1 : start;
  if (first === end || end - first > 15) {
    return undefined;
  }
  let value = 0;
  for (let at = first; at < end; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) {
      return undefined;
    }
    value = value * 10 + digit;
  }
  return negative ? 0 - value : value;
}

function skipDigits(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] as number) >= ZERO && (bytes[at] as number) <= NINE) {
    at++;
  }
  return at;
}

/**
 * Where the digits of the exponent that starts at `start` begin, -1 where there is none or text
 * follows it.
 */
function exponentDigits(bytes: Uint8Array, start: number, end: number): number {
  if (((bytes[start] as number) | LOWER) !== LETTER_E) {
    return -1;
  }
  let at = start + 1;
  if (at < end && (bytes[at] === PLUS || bytes[at] === MINUS)) {
    at++;
  }
  return at < end && skipDigits(bytes, at, end) === end ? at : -1;
}

function exponentIsSafe(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end) {
    return true;
  }
  const exponent = smallInteger(bytes, start, end);
  return exponent !== undefined && exponent < SAFE_EXPONENT;
}

function nonFiniteKind(
  bytes: Uint8Array,
  start: number,
  end: number,
  negative: boolean,
): NumberKind | undefined {
  const first = start < end ? (bytes[start] as number) | LOWER : 0;
  const length = end - start;
  if ((first !== LETTER_N && first !== LETTER_I) || (length !== 3 && length !== 8)) {
    return undefined;
  }
  const word = ASCII.decode(bytes.subarray(start, end)).toLowerCase();
  if (word === "nan") {
    return "nan";
  }
  if (word === "inf" || word === "infinity") {
    return negative ? "-inf" : "+inf";
  }
  return undefined;
}
