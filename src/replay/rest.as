import { EARLIEST, HONOR_TIME, LATEST, longWord, word } from "./memory";

// What stands behind the series: value, and perhaps a time.

const LINE_FEED: u32 = 0x0a;
const BLANK_BYTE: u32 = 0x20;
const PLUS: u32 = 0x2b;
const MINUS: u32 = 0x2d;
const DOT: u32 = 0x2e;
const ZERO: u32 = 0x30;
const LETTER_E: u32 = 0x65;

const MAX_VALUE: u32 = 32;

/** Of HONOR_TIME, which kernel-memory.ts explains. */
const NO: u32 = 0;
const COLD: u32 = 2;
const WITHIN: u32 = 3;

/** What `scanRest` found; valid until its next call. */
export let valueEnd: u32 = 0;
export let isNan: bool = false;
/** The line's own time, `timeStart == 0`: none to be honoured. */
export let timeStart: u32 = 0;
export let timeEnd: u32 = 0;
export let lineEnd: u32 = 0;

/**
 * Reads `value [time]` up to the line end. False for anything but a plain decimal or NaN, a time that the cold path has to
 * judge, or where the line is not all there.
 */
// @ts-ignore: decorator
@inline
export function scanRest(value: u32, end: u32): bool {
  timeStart = 0;
  isNan = false;
  const to = skipValue(value);
  if (to == 0) return false;
  valueEnd = to;
  lineEnd = to;
  return to < end && (load<u8>(to) == LINE_FEED || scanTime(to, end));
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
  // Sixteen digits in one piece: the cold path's, except where a point or the end follows.
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
    // Two digits never leave float64.
    run = digitRun(at);
    if (run == 0 || run > 2) return 0;
    at += run;
    next = load<u8>(at);
  }
  return (next == LINE_FEED || next == BLANK_BYTE) && at - value <= MAX_VALUE ? at : 0;
}

function skipNan(value: u32): u32 {
  // "NaN" and a line feed, as a little-endian word.
  if (load<u32>(value) != 0x0a4e614e) return 0;
  isNan = true;
  return value + 3;
}

/** A whole number of milliseconds or, where it is not honoured, of anything. */
function scanTime(blank: u32, end: u32): bool {
  const start = blank + 1;
  const run = digitRun(start);
  const to = start + run;
  if (run == 0 || run > 15 || to >= end || load<u8>(to) != LINE_FEED) return false;
  const honor = word(HONOR_TIME);
  if (honor != NO) {
    // Up to 12 digits are far within what nanoseconds can say; 13 from `9` on may not be.
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
