import { codesOf, sizesOf } from "./huffman";
import { beginInput, endInput, endOfTokens, tokenize } from "./matches";
import {
  bump, CODES, DISTANCE_CODES, DISTANCE_FREQUENCIES, distanceExtra, DISTANCES, DISTANCE_SIZES, END_OF_BLOCK,
  FREQUENCIES, INPUT, LENGTH_CODES, lengthExtra, lengthSymbol, LITERALS, OUTPUT, RUN_CODES, RUN_FREQUENCIES, RUN_SIZES, RUNS, SIZES,
  TOKENS,
} from "./memory";

export { INPUT, INPUT_BYTES, OUTPUT } from "./memory";

const STORED: u32 = 0;
const FIXED: u32 = 1;
const DYNAMIC: u32 = 2;
const MAX_STORED: u32 = 65_535;
const LONGEST_CODE: u32 = 15;
const LONGEST_RUN_CODE: u32 = 7;
const RUN_SYMBOLS: u32 = 19;

let out: u32 = OUTPUT;
let bits: u64 = 0;
let bitCount: u32 = 0;

/** Compresses `length` bytes at INPUT to OUTPUT as one whole deflate stream and answers its bytes. */
export function deflate(length: u32): u32 {
  out = OUTPUT;
  bits = 0;
  bitCount = 0;
  beginInput();
  const end = INPUT + length;
  let at = INPUT;
  do {
    const start = at;
    at = tokenize(at, end);
    writeBlock(start, at, at == end);
  } while (at < end);
  endInput(length);
  put(0, (8 - bitCount) & 7);
  flush();
  return out - OUTPUT;
}

function writeBlock(start: u32, end: u32, last: bool): void {
  bump(FREQUENCIES, END_OF_BLOCK);
  sizesOf(FREQUENCIES, LITERALS, LONGEST_CODE, SIZES);
  sizesOf(DISTANCE_FREQUENCIES, DISTANCES, LONGEST_CODE, DISTANCE_SIZES);
  const runsEnd = writeRuns();
  const runSizes = runSizesToSend();
  const dynamic = headerBits(runsEnd, runSizes) + tokenBits(true);
  const fixed = tokenBits(false);
  const stored = end - start > MAX_STORED ? 0xffff_ffff : (end - start + 5) << 3;
  put(last ? 1 : 0, 1);
  if (stored <= min<u32>(dynamic, fixed)) {
    put(STORED, 2);
    writeStored(start, end - start);
    return;
  }
  if (fixed <= dynamic) {
    put(FIXED, 2);
    useFixedSizes();
    codesOf(SIZES, 288, CODES);
  } else {
    put(DYNAMIC, 2);
    writeHeader(runsEnd, runSizes);
    codesOf(SIZES, LITERALS, CODES);
  }
  codesOf(DISTANCE_SIZES, DISTANCES, DISTANCE_CODES);
  writeTokens(start, end);
}

/** Bits of the tokens and the end of the block, in the block's own code or in the fixed one. */
function tokenBits(own: bool): u32 {
  let sum: u32 = 0;
  for (let symbol: u32 = 0; symbol < LITERALS; symbol++) {
    const frequency = load<u32>(FREQUENCIES + (symbol << 2));
    const size: u32 = own ? load<u8>(SIZES + symbol) : fixedSize(symbol);
    const extra = symbol > END_OF_BLOCK ? lengthExtra(symbol - 257) : 0;
    sum += frequency * (size + extra);
  }
  for (let symbol: u32 = 0; symbol < DISTANCES; symbol++) {
    const frequency = load<u32>(DISTANCE_FREQUENCIES + (symbol << 2));
    const size: u32 = own ? load<u8>(DISTANCE_SIZES + symbol) : 5;
    sum += frequency * (size + distanceExtra(symbol));
  }
  return sum;
}

function fixedSize(symbol: u32): u32 {
  if (symbol < 144) return 8;
  if (symbol < 256) return 9;
  return symbol < 280 ? 7 : 8;
}

function useFixedSizes(): void {
  for (let symbol: u32 = 0; symbol < 288; symbol++) store<u8>(SIZES + symbol, fixedSize(symbol));
  memory.fill(DISTANCE_SIZES, 5, DISTANCES);
}

function literalsToSend(): u32 {
  let count = LITERALS;
  while (load<u8>(SIZES + count - 1) == 0) count--;
  return max<u32>(count, 257);
}

function distancesToSend(): u32 {
  let count = DISTANCES;
  while (load<u8>(DISTANCE_SIZES + count - 1) == 0) count--;
  return count;
}

/** The sizes of both codes as runs: symbol, extra bits and their number in a u32 each. Answers their end. */
function writeRuns(): u32 {
  memory.fill(RUN_FREQUENCIES, 0, RUN_SYMBOLS << 2);
  const literals = literalsToSend();
  const all = literals + distancesToSend();
  let to = RUNS;
  let at: u32 = 0;
  while (at < all) {
    const size = sizeAt(at, literals);
    let run: u32 = 1;
    while (at + run < all && run < 138 && sizeAt(at + run, literals) == size) run++;
    if (size == 0 && run >= 3) {
      to = run <= 10 ? putRun(to, 17, run - 3, 3) : putRun(to, 18, run - 11, 7);
    } else if (size != 0 && run >= 4) {
      run = min<u32>(run, 7);
      to = putRun(to, size, 0, 0);
      to = putRun(to, 16, run - 4, 2);
    } else {
      run = 1;
      to = putRun(to, size, 0, 0);
    }
    at += run;
  }
  sizesOf(RUN_FREQUENCIES, RUN_SYMBOLS, LONGEST_RUN_CODE, RUN_SIZES);
  codesOf(RUN_SIZES, RUN_SYMBOLS, RUN_CODES);
  return to;
}

function sizeAt(at: u32, literals: u32): u32 {
  return load<u8>(at < literals ? SIZES + at : DISTANCE_SIZES + at - literals);
}

function putRun(to: u32, symbol: u32, extra: u32, extraBits: u32): u32 {
  bump(RUN_FREQUENCIES, symbol);
  store<u32>(to, symbol | (extra << 8) | (extraBits << 16));
  return to + 4;
}

/** Place of a run symbol's size in the order in which they are sent (RFC 1951, 3.2.7). */
function sentAt(place: u32): u32 {
  if (place < 3) return 16 + place;
  if (place == 3) return 0;
  return (place & 1) == 0 ? 8 + ((place - 4) >> 1) : 7 - ((place - 5) >> 1);
}

function runSizesToSend(): u32 {
  let count = RUN_SYMBOLS;
  while (count > 4 && load<u8>(RUN_SIZES + sentAt(count - 1)) == 0) count--;
  return count;
}

function headerBits(runsEnd: u32, runSizes: u32): u32 {
  let sum: u32 = 14 + 3 * runSizes;
  for (let at = RUNS; at < runsEnd; at += 4) {
    const run = load<u32>(at);
    sum += (load<u32>(RUN_CODES + ((run & 0xff) << 2)) >> 24) + (run >> 16);
  }
  return sum;
}

function writeHeader(runsEnd: u32, runSizes: u32): void {
  put(literalsToSend() - 257, 5);
  put(distancesToSend() - 1, 5);
  put(runSizes - 4, 4);
  for (let place: u32 = 0; place < runSizes; place++) put(load<u8>(RUN_SIZES + sentAt(place)), 3);
  for (let at = RUNS; at < runsEnd; at += 4) {
    const run = load<u32>(at);
    const code = load<u32>(RUN_CODES + ((run & 0xff) << 2));
    put(code & 0xffff, code >> 24);
    put((run >> 8) & 0xff, run >> 16);
  }
}

function writeTokens(start: u32, end: u32): void {
  for (let rest: u32 = 0; rest < 256; rest++) {
    const symbol = lengthSymbol(rest);
    const code = load<u32>(CODES + ((257 + symbol) << 2));
    const size = code >> 24;
    const extra = lengthExtra(symbol);
    const low = (code & 0xffff) | ((rest & ((1 << extra) - 1)) << size);
    store<u32>(LENGTH_CODES + (rest << 2), low | ((size + extra) << 24));
  }
  const tokensEnd = endOfTokens();
  let literal = start;
  let to = out;
  let buffer = bits;
  let count = bitCount;
  for (let at = TOKENS; at <= tokensEnd; at += 8) {
    const literals = at == tokensEnd ? end : literal + load<u32>(at, 4);
    for (; literal < literals; literal++) {
      const code = load<u32>(CODES + ((load<u8>(literal) as u32) << 2));
      buffer |= ((code & 0xffffff) as u64) << count;
      count += code >> 24;
      store<u64>(to, buffer);
      to += count >> 3;
      buffer >>= count & 0x38;
      count &= 7;
    }
    if (at == tokensEnd) break;
    const match = load<u32>(at);
    const length = load<u32>(LENGTH_CODES + ((match & 0xff) << 2));
    buffer |= ((length & 0xffffff) as u64) << count;
    count += length >> 24;
    const symbol = match >> 23;
    const extra = distanceExtra(symbol);
    const code = load<u32>(DISTANCE_CODES + (symbol << 2));
    const size = code >> 24;
    const rest = (match >> 8) & ((1 << extra) - 1);
    buffer |= (((code & 0xffffff) | (rest << size)) as u64) << count;
    count += size + extra;
    store<u64>(to, buffer);
    to += count >> 3;
    buffer >>= count & 0x38;
    count &= 7;
    literal += (match & 0xff) + 3;
  }
  out = to;
  bits = buffer;
  bitCount = count;
  const code = load<u32>(CODES + (END_OF_BLOCK << 2));
  put(code & 0xffffff, code >> 24);
}

function writeStored(start: u32, length: u32): void {
  put(0, (8 - bitCount) & 7);
  put(length | ((length ^ 0xffff) << 16), 32);
  memory.copy(out, start, length);
  out += length;
}

/** At most 32 bits. */
function put(value: u32, size: u32): void {
  bits |= (value as u64) << bitCount;
  bitCount += size;
  flush();
}

function flush(): void {
  store<u64>(out, bits);
  out += bitCount >> 3;
  bits >>= bitCount & 0x38;
  bitCount &= 7;
}
