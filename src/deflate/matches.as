import { HEADS, HEADS_LOG, INPUT, INPUT_BYTES, MATCH, MAX_TOKENS, TOKENS } from "./memory";

const WINDOW: u32 = 32_768;
const LONGEST: u32 = 258;
const SHORTEST: u32 = 4;
/** A shorter match has to be nearer than `NEAR`: digits, which most literals are, take fewer bits than a far match. */
const WORTH_ANY: u32 = 6;
const NEAR: u32 = 256;
/** Room for a match as long as the input, in pieces, and for the literals of its end. */
const SPARE_TOKENS: u32 = INPUT_BYTES / LONGEST + 8;

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
 * Writes the tokens of `[start, end)`, as many as there is room for, and answers where it stopped. One place is tried for each
 * four bytes, the last, and none is noted within a match: lines differ from those before in a few places, and what follows such
 * a place is found where the line before began to be like the one before it.
 */
export function tokenize(start: u32, end: u32): u32 {
  const limit = TOKENS + ((MAX_TOKENS - SPARE_TOKENS) << 2);
  let to = TOKENS;
  let at = start;
  let back = distance;
  // Literals that may still become part of a match that is found behind them.
  let literals: u32 = 0;
  while (at + SHORTEST <= end && to < limit) {
    const gram = load<u32>(at);
    const head = HEADS + (((gram * 0x9e37_79b1) >>> (32 - HEADS_LOG)) << 2);
    const seen = at + base - load<u32>(head);
    store<u32>(head, at + base);
    let length: u32 = 0;
    const reach = min<u32>(at - INPUT, WINDOW);
    if (back <= reach && back != 0 && load<u32>(at - back) == gram) {
      length = common(at - back, at, end);
    } else if (seen <= reach && load<u32>(at - seen) == gram) {
      length = common(at - seen, at, end);
      if (length < WORTH_ANY && seen > NEAR) {
        length = 0;
      } else {
        back = seen;
      }
    }
    if (length == 0) {
      store<u32>(to, load<u8>(at));
      to += 4;
      at++;
      literals++;
      continue;
    }
    at += length;
    while (literals > 0 && at - length - back > INPUT && load<u8>(at - length - 1) == load<u8>(at - length - 1 - back)) {
      length++;
      literals--;
      to -= 4;
    }
    literals = 0;
    const match = MATCH | ((back - 1) << 8);
    while (length > LONGEST) {
      // What is left must be a match too.
      const piece = length < LONGEST + 3 ? LONGEST - 3 : LONGEST;
      store<u32>(to, match | (piece - 3));
      to += 4;
      length -= piece;
    }
    store<u32>(to, match | (length - 3));
    to += 4;
  }
  if (at + SHORTEST > end) {
    while (at < end) {
      store<u32>(to, load<u8>(at));
      to += 4;
      at++;
    }
  }
  distance = back;
  tokensEnd = to;
  return at;
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
