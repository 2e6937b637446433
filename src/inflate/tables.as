import {
  CODE_SHIFT, COUNTS, DISTANCE_LOG, END, FIXED_DISTANCES, FIXED_LITERALS, FIXED_SIZES, INVALID, LITERAL_LOG, LITERAL_SHIFT, LITERALS,
  LONGER, LONGEST_CODE, NEXT_CODES, ONE_LITERAL, SIZE, SPECIAL, TWO_LITERALS, VALUE_SHIFT,
} from "./memory";

/** Kinds of code. */
export const OF_LITERALS: u32 = 0;
export const OF_DISTANCES: u32 = 1;
export const OF_SIZES: u32 = 2;

const END_OF_BLOCK: u32 = 256;

export function buildFixedTables(): void {
  for (let symbol: u32 = 0; symbol < 288; symbol++) {
    store<u8>(FIXED_SIZES + symbol, symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8);
  }
  buildTable(OF_LITERALS, FIXED_SIZES, 288, FIXED_LITERALS, LITERAL_LOG);
  memory.fill(FIXED_SIZES, 5, 32);
  buildTable(OF_DISTANCES, FIXED_SIZES, 32, FIXED_DISTANCES, DISTANCE_LOG);
}

/**
 * Makes the table of the canonical code with the sizes of `symbols` symbols at `sizes`. False where they make no code. As in zlib a
 * single code of one bit may stand alone, and distances may have none: what they leave open is invalid once it is met.
 */
export function buildTable(kind: u32, sizes: u32, symbols: u32, table: u32, log: u32): bool {
  const entries: u32 = 1 << log;
  memory.fill(COUNTS, 0, 4 * (LONGEST_CODE + 1));
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const count = COUNTS + ((load<u8>(sizes + symbol) as u32) << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
  let left: i32 = 1;
  let code: u32 = 0;
  let longest: u32 = 0;
  for (let size: u32 = 1; size <= LONGEST_CODE; size++) {
    const count = load<u32>(COUNTS + (size << 2));
    left = (left << 1) - count;
    if (left < 0) return false;
    store<u32>(NEXT_CODES + (size << 2), code);
    code = (code + count) << 1;
    if (count > 0) longest = size;
  }
  if (left > 0) {
    if (kind == OF_SIZES || longest > 1) return false;
    for (let at: u32 = 0; at < entries; at++) store<u32>(table + (at << 2), SPECIAL | INVALID | 1);
  }
  let free = entries;
  if (longest > log) {
    for (let at: u32 = 0; at < entries; at++) store<u32>(table + (at << 2), 0);
  }
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const size: u32 = load<u8>(sizes + symbol);
    if (size == 0) continue;
    const next = NEXT_CODES + (size << 2);
    const reversed = reverse(load<u32>(next), size);
    store<u32>(next, load<u32>(next) + 1);
    const entry = entryOf(kind, symbol, size);
    if (size <= log) {
      for (let at = reversed; at < entries; at += 1 << size) store<u32>(table + (at << 2), entry);
      continue;
    }
    const link = table + ((reversed & (entries - 1)) << 2);
    if (load<u32>(link) == 0) {
      store<u32>(link, SPECIAL | LONGER | (free << VALUE_SHIFT));
      free += 1 << (LONGEST_CODE - log);
    }
    const longer = load<u32>(link) >> VALUE_SHIFT;
    for (let at = reversed >> log; at < 1 << (LONGEST_CODE - log); at += 1 << (size - log)) {
      store<u32>(table + ((longer + at) << 2), entry);
    }
  }
  if (kind == OF_LITERALS) pairLiterals(table, entries, log);
  return true;
}

/** Where two literals fit into one look, they are one entry. From the end, since the second is looked up further in front. */
function pairLiterals(table: u32, entries: u32, log: u32): void {
  for (let at = entries - 1; at != <u32>-1; at--) {
    const first = load<u32>(table + (at << 2));
    if ((first & LITERALS) == 0) continue;
    const size = first & SIZE;
    const second = load<u32>(table + ((at >> size) << 2));
    const both = size + (second & SIZE);
    if ((second & LITERALS) != ONE_LITERAL || both > log) continue;
    const bytes = (first >> VALUE_SHIFT) | ((second >> VALUE_SHIFT) << 8);
    store<u32>(table + (at << 2), (bytes << VALUE_SHIFT) | TWO_LITERALS | both);
  }
}

function entryOf(kind: u32, symbol: u32, size: u32): u32 {
  if (kind == OF_SIZES) return (symbol << VALUE_SHIFT) | size;
  if (kind == OF_DISTANCES) {
    if (symbol >= 30) return SPECIAL | INVALID | size;
    const extra = symbol < 4 ? 0 : (symbol >> 1) - 1;
    const base = symbol < 4 ? symbol + 1 : ((2 + (symbol & 1)) << extra) + 1;
    return (base << VALUE_SHIFT) | (size << CODE_SHIFT) | (size + extra);
  }
  if (symbol < END_OF_BLOCK) return (symbol << VALUE_SHIFT) | ONE_LITERAL | size;
  if (symbol == END_OF_BLOCK) return SPECIAL | END | size;
  if (symbol >= 286) return SPECIAL | INVALID | size;
  const rest = symbol - 257;
  const extra = rest < 8 || rest == 28 ? 0 : (rest >> 2) - 1;
  const base = rest < 8 ? rest + 3 : rest == 28 ? 258 : ((4 + (rest & 3)) << extra) + 3;
  return (base << VALUE_SHIFT) | (size << CODE_SHIFT) | (size + extra);
}

function reverse(code: u32, size: u32): u32 {
  let reversed: u32 = 0;
  for (let bit: u32 = 0; bit < size; bit++) {
    reversed = (reversed << 1) | ((code >> bit) & 1);
  }
  return reversed;
}
