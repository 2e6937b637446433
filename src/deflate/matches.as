import {
  bump, DISTANCE_FREQUENCIES, DISTANCES, distanceSymbol, FREQUENCIES, HEADS, HEADS_LOG, INPUT, INPUT_BYTES, LITERALS, lengthSymbol,
  MAX_TOKENS, TOKENS,
} from "./memory";

const WINDOW: u32 = 32_768;
const LONGEST: u32 = 258;
const SHORTEST: u32 = 4;
/** A shorter match has to be nearer than `NEAR`: digits, which most literals are, take fewer bits than a far match. */
const WORTH_ANY: u32 = 6;
const NEAR: u32 = 256;
/** Room for a match as long as the input, in pieces. */
const SPARE_TOKENS: u32 = INPUT_BYTES / LONGEST + 8;
/** Literals and matches of a block, at most: codes are to suit what is near. */
const MAX_SYMBOLS: u32 = 31_616;

/** Added to the places in HEADS, so that those of inputs before are out of reach. */
let base: u32 = 0;
let tokensEnd: u32 = TOKENS;
/** Of the last match: the next is looked for there first. */
let distance: u32 = 0;

export function beginInput(): void {
  distance = 0;
  if (base > 0x7000_0000) {
    memory.fill(HEADS, 0, 4 << HEADS_LOG);
    base = 0;
  }
}

export function endInput(length: u32): void {
  base += length;
}

/** Behind the tokens that `tokenize` wrote. */
export function endOfTokens(): u32 {
  return tokensEnd;
}

/**
 * Writes the tokens of `[start, end)`, as many as there is room for, counts their symbols, and answers where it stopped. One place
 * is tried for each four bytes, the last, and none is noted within a match: lines differ from those before in a few places, and what
 * follows such a place is found where the line before began to be like the one before it.
 */
export function tokenize(start: u32, end: u32): u32 {
  memory.fill(FREQUENCIES, 0, LITERALS << 2);
  memory.fill(DISTANCE_FREQUENCIES, 0, DISTANCES << 2);
  const limit = TOKENS + ((MAX_TOKENS - SPARE_TOKENS) << 3);
  let to = TOKENS;
  let at = start;
  let back = distance;
  if (back == 0 && at < end) {
    // Nothing is before the first byte; from the second on there is a place at this distance.
    back = 1;
    at++;
  }
  /** Up to here all is in tokens. */
  let told = start;
  let symbols = MAX_SYMBOLS;
  let last = min<u32>(end, start + symbols);
  while (at + SHORTEST <= last) {
    const gram = load<u32>(at);
    const head = HEADS + (((gram * 0x9e37_79b1) >>> (32 - HEADS_LOG)) << 2);
    const seen = at + base - load<u32>(head);
    store<u32>(head, at + base);
    const known = seen <= min<u32>(at - INPUT, WINDOW) ? seen : back;
    const found = load<u32>(at - back) == gram ? back : known;
    if (load<u32>(at - found) != gram) {
      at++;
      continue;
    }
    let length = common(at - found, at, end);
    if (length < WORTH_ANY && found > NEAR && found != back) {
      at++;
      continue;
    }
    back = found;
    const reached = at + length;
    while (at > told && at - back > INPUT && load<u8>(at - 1) == load<u8>(at - 1 - back)) at--;
    const literals = at - told;
    for (; told < at; told++) bump(FREQUENCIES, load<u8>(told));
    length = reached - at;
    at = reached;
    told = reached;
    const symbol = distanceSymbol(back - 1);
    const match = ((back - 1) << 8) | (symbol << 23);
    let before = (literals as u64) << 32;
    symbols -= literals;
    while (length > LONGEST) {
      // What is left must be a match too.
      const piece = length < LONGEST + 3 ? LONGEST - 3 : LONGEST;
      to = writeMatch(to, match | (piece - 3), before);
      before = 0;
      length -= piece;
    }
    to = writeMatch(to, match | (length - 3), before);
    if (to >= limit || symbols <= SPARE_TOKENS) break;
    symbols--;
    last = min<u32>(end, at + symbols);
  }
  if (last == end && at + SHORTEST > end) at = end;
  for (; told < at; told++) bump(FREQUENCIES, load<u8>(told));
  distance = back;
  tokensEnd = to;
  return at;
}

// @ts-ignore: decorator
@inline
function writeMatch(to: u32, match: u32, before: u64): u32 {
  store<u64>(to, before | match);
  bump(FREQUENCIES, 257 + lengthSymbol(match & 0xff));
  bump(DISTANCE_FREQUENCIES, match >> 23);
  return to + 8;
}

/** Bytes that two texts have in common, the second up to `end`; the first four are the same. */
// @ts-ignore: decorator
@inline
function common(first: u32, second: u32, end: u32): u32 {
  let length: u32 = 4;
  while (second + length < end) {
    const same = i8x16.bitmask(i8x16.eq(v128.load(first + length), v128.load(second + length)));
    if (same != 0xffff) {
      length += ctz(~same);
      break;
    }
    length += 16;
  }
  return min<u32>(length, end - second);
}
