import { EARLIEST, HONOR_TIME, LATEST, longWord, word } from "./memory";

// Reads the rest of a line after its series: the value, and a time if there is one.

const LINE_FEED: u32 = 0x0a;
const BLANK_BYTE: u32 = 0x20;
const PLUS: u32 = 0x2b;
const MINUS: u32 = 0x2d;
const DOT: u32 = 0x2e;
const ZERO: u32 = 0x30;
const LETTER_E: u32 = 0x65;

const MAX_VALUE: u32 = 32;

/** Values of HONOR_TIME, which kernel-memory.ts explains. */
const NO: u32 = 0;
const COLD: u32 = 2;
const WITHIN: u32 = 3;

/** What `scanRest` found; valid until its next call. */
export let valueEnd: u32 = 0;
export let isNan: bool = false;
/** The line's own time. `timeStart == 0`: it has none, or it is not honoured. */
export let timeStart: u32 = 0;
export let timeEnd: u32 = 0;
export let lineEnd: u32 = 0;

/**
 * Reads `value [time]` up to the line end. False if the value is neither a plain decimal nor NaN,
 * if the cold path has to judge the time, or if the line is incomplete.
 */
export function scanRest(value: u32, end: u32): bool {
  timeStart = 0;
  isNan = false;
  const to = skipValue(value);
  if (to == 0) return false;
  valueEnd = to;
  lineEnd = to;
  return to < end && (load<u8>(to) == LINE_FEED || scanTime(to, end));
}

/**
 * Length of a value of digits, perhaps with one point between two of them, that a line feed ends:
 * nearly every value. 0: it is another one. Takes masks of 16 bytes. It has no branch: lengths and
 * points change from line to line, and one wrong guess of the processor costs as much as all of
 * this.
 */
// @ts-ignore: decorator
@inline
export function plainSize(feeds: u32, digits: u32, dots: u32): u32 {
  const body = (feeds - 1) & ~feeds;
  const points = dots & body;
  const good = digits | (dots & (digits << 1) & (digits >> 1));
  return (((body | 1) & ~good) | (points & (points - 1))) == 0 ? ctz(feeds) : 0;
}

/** Length of any plain decimal that a line feed ends within 32 bytes. 0: it is not one. */
// @ts-ignore: decorator
@inline
export function decimalSize(value: u32): u32 {
  const low = v128.load(value);
  const high = v128.load(value, 16);
  const feeds = equal(low, high, LINE_FEED);
  if (feeds == 0) return 0;
  const body = (feeds - 1) & ~feeds;
  const digits = both(isDigit(low), isDigit(high));
  const points = equal(low, high, DOT) & body;
  const minuses = equal(low, high, MINUS);
  const es = (equal(low, high, LETTER_E) | equal(low, high, LETTER_E ^ 0x20)) & body;
  const minus = minuses & 1;
  const sign = (minuses | equal(low, high, PLUS)) & (es << 1);
  const good =
    digits | minus | (points & (digits << 1) & (digits >> 1)) | (es & (digits << 1)) | sign;
  const exponent = (es << 1) + sign;
  // An exponent of one or two digits is always within float64.
  const isLong = es != 0 && (feeds & -feeds & ((exponent << 1) | (exponent << 2))) == 0;
  const wrong = ((body | 1 | (minus << 1)) & ~good) | (points & (points - 1)) | (es & (es - 1));
  return wrong != 0 || isLong ? 0 : ctz(feeds);
}

// @ts-ignore: decorator
@inline
function equal(low: v128, high: v128, byte: u32): u32 {
  return both(i8x16.eq(low, i8x16.splat(byte as i8)), i8x16.eq(high, i8x16.splat(byte as i8)));
}

// @ts-ignore: decorator
@inline
function both(low: v128, high: v128): u32 {
  return i8x16.bitmask(low) | (i8x16.bitmask(high) << 16);
}

// @ts-ignore: decorator
@inline
function isDigit(bytes: v128): v128 {
  // Shifts `0` to the least signed byte, so that one comparison finds the ten digits.
  return i8x16.lt_s(i8x16.add(bytes, i8x16.splat(0x50)), i8x16.splat(-118));
}

// @ts-ignore: decorator
@inline
function digitRun(at: u32): u32 {
  const digits = i8x16.lt_u(i8x16.sub(v128.load(at), i8x16.splat(ZERO as i8)), i8x16.splat(10));
  return ctz(~i8x16.bitmask(digits));
}

// @ts-ignore: decorator
@inline
function skipValue(value: u32): u32 {
  let at = value + u32(load<u8>(value) == MINUS);
  let run = digitRun(at);
  // Sixteen digits and more are left to the cold path, unless a point or the end follows.
  if (run == 0) return skipNan(value);
  at += run;
  if (run == 16) {
    run = digitRun(at);
    at += run;
    if (run == 16) return 0;
  }
  let next: u32 = load<u8>(at);
  if (next == DOT) {
    at++;
    run = digitRun(at);
    if (run == 0) return 0;
    at += run;
    if (run == 16) at += digitRun(at);
    next = load<u8>(at);
  }
  if ((next | 0x20) == LETTER_E) {
    at++;
    next = load<u8>(at);
    if (next == MINUS || next == PLUS) at++;
    // An exponent of two digits is always within float64.
    run = digitRun(at);
    if (run == 0 || run > 2) return 0;
    at += run;
    next = load<u8>(at);
  }
  return (next == LINE_FEED || next == BLANK_BYTE) && at - value <= MAX_VALUE ? at : 0;
}

function skipNan(value: u32): u32 {
  // "NaN" and a line feed as a little-endian word.
  if (load<u32>(value) != 0x0a4e614e) return 0;
  isNan = true;
  return value + 3;
}

/** Reads a whole number: milliseconds, or of any unit if times are not honoured. */
function scanTime(blank: u32, end: u32): bool {
  const start = blank + 1;
  const run = digitRun(start);
  const to = start + run;
  if (run == 0 || run > 15 || to >= end || load<u8>(to) != LINE_FEED) return false;
  const honor = word(HONOR_TIME);
  if (honor != NO) {
    // 12 digits always fit 64 bits as nanoseconds; 13 that begin with `9` may not.
    const first: u32 = load<u8>(start);
    if (honor == COLD || run > 13 || first == ZERO || (run == 13 && first == 0x39)) return false;
    if (honor == WITHIN && isFar(start, to)) return false;
    timeStart = start;
    timeEnd = to;
  }
  lineEnd = to;
  return true;
}

function isFar(start: u32, end: u32): bool {
  let time: u64 = 0;
  for (let at = start; at < end; at++) {
    time = time * 10 + (load<u8>(at) - ZERO);
  }
  return time < longWord(EARLIEST) || time > longWord(LATEST);
}

/** Writes ` <time>000000\n` for the line's own time, at most 32 bytes. Returns its end. */
export function putTime(to: u32): u32 {
  store<u8>(to, BLANK_BYTE);
  v128.store(to, v128.load(timeStart), 1);
  to += 1 + timeEnd - timeStart;
  store<u64>(to, 0x0a303030303030);
  return to + 7;
}
