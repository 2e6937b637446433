// The compressor's memory, of a fixed size:
//
//   tables of Huffman codes · HEADS, where four bytes were seen last · TOKENS of the block at work · INPUT · OUTPUT
//
// A token is a match and the literals before it: from the low end 8 bits of length - 3, 15 bits of distance - 1, 5 bits of its symbol, from
// bit 32 on the number of literals, which stand in the input. Literals behind the last match have no token.

export const FREQUENCIES: u32 = 0x400;
export const DISTANCE_FREQUENCIES: u32 = 0x900;
export const SIZES: u32 = 0xa00;
export const DISTANCE_SIZES: u32 = 0xb80;
export const CODES: u32 = 0xc00;
export const DISTANCE_CODES: u32 = 0x1100;
/** Of each length: code and extra bits. */
export const LENGTH_CODES: u32 = 0x1200;
export const RUNS: u32 = 0x1600;
export const RUN_FREQUENCIES: u32 = 0x2000;
export const RUN_SIZES: u32 = 0x2080;
export const RUN_CODES: u32 = 0x2100;
export const SORTED: u32 = 0x2200;
export const COUNTS: u32 = 0x2c00;
export const HEADS: u32 = 0x4000;
export const HEADS_LOG: u32 = 13;
export const TOKENS: u32 = HEADS + (4 << HEADS_LOG);
export const MAX_TOKENS: u32 = 16_384;
export const INPUT: u32 = TOKENS + 8 * MAX_TOKENS + 64;
export const INPUT_BYTES: u32 = 288 * 1024;
export const OUTPUT: u32 = INPUT + INPUT_BYTES + 64;

export const LITERALS: u32 = 286;
export const DISTANCES: u32 = 30;
export const END_OF_BLOCK: u32 = 256;

// @ts-ignore: decorator
@inline
export function bump(table: u32, symbol: u32): void {
  const at = table + (symbol << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** Of `length` - 3, counted from the first symbol of a length. */
// @ts-ignore: decorator
@inline
export function lengthSymbol(rest: u32): u32 {
  if (rest < 8) return rest;
  if (rest == 255) return 28;
  const log = 31 - clz(rest);
  return ((log - 1) << 2) + ((rest >> (log - 2)) & 3);
}

// @ts-ignore: decorator
@inline
export function lengthExtra(symbol: u32): u32 {
  return symbol < 8 || symbol == 28 ? 0 : (symbol >> 2) - 1;
}

/** Of `distance` - 1. */
// @ts-ignore: decorator
@inline
export function distanceSymbol(rest: u32): u32 {
  if (rest < 4) return rest;
  const log = 31 - clz(rest);
  return (log << 1) + ((rest >> (log - 1)) & 1);
}

// @ts-ignore: decorator
@inline
export function distanceExtra(symbol: u32): u32 {
  return symbol < 4 ? 0 : (symbol >> 1) - 1;
}
