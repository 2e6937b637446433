// The kernel's memory. Each lane has one, allocated as a whole at the start. It never grows, so
// that views on it stay valid; pages that nobody wrote to cost nothing.
//
//   CONTEXT   32-bit words that TypeScript and the kernel exchange (kernel-memory.ts names them)
//   KEYS      random bytes of the hash            MASKS     for the last, partial block of the hash
//   TYPES     records of `# TYPE` lines passed    A, B      texts put together from several records
//   CACHE     text of the record learned last     PENDING   half of a pair that waits for the other
//   TEXT      what a record is to remember        INPUT     the page, OUTPUT lines of line protocol
//   ROOMS     for lines of line protocol as well, of one scrape each
//   ARENA     blocks of 8 KiB: one link a block first, then the blocks

export const CONTEXT: u32 = 0x400;
export const TAIL_STATUS: u32 = 0x600;
export const TAIL: u32 = 0x680;
/** Four vectors for values, each of one byte repeated: line feed, point, and two to find digits. */
export const VALUE_BYTES: u32 = 0x700;
export const FEEDS: u32 = VALUE_BYTES;
export const DOTS: u32 = VALUE_BYTES + 16;
export const DIGIT_SHIFT: u32 = VALUE_BYTES + 32;
export const DIGIT_BOUND: u32 = VALUE_BYTES + 48;
export const KEYS: u32 = 0x800;
export const MASKS: u32 = 0xe00;
export const GRAMS: u32 = 0x1000;
export const TYPES: u32 = 0x2000;
export const TYPES_MAX: u32 = 1024;
export const CHAIN: u32 = 0x3000;
export const TEXT_A: u32 = 0x4000;
export const TEXT_B: u32 = 0x8000;
export const CACHE: u32 = 0xc000;
export const PENDING: u32 = 0x10000;
/** Bytes of each of the two places there. */
export const PENDING_BYTES: u32 = 0x2000;
export const TEXT: u32 = 0x14000;
export const INPUT: u32 = 0x18000;
export const OUTPUT: u32 = 0x40000;
export const ARENA: u32 = 0x180000;
export const BLOCK: u32 = 8192;
/** The kernel reads at most this far past a record. */
const OVERREAD: u32 = 64;

// Words of the context.
export const TABLE: u32 = 0;
export const PREDICTED: u32 = 1;
export const PREVIOUS: u32 = 2;
export const INFO: u32 = 3;
export const POSITION: u32 = 4;
export const END: u32 = 5;
export const LINE_END: u32 = 6;
export const HIT: u32 = 7;
export const OUT: u32 = 8;
export const OUT_LIMIT: u32 = 9;
export const HONOR_TIME: u32 = 10;
export const TAIL_STATUS_LENGTH: u32 = 11;
export const TAIL_LENGTH: u32 = 12;
export const BUDGET: u32 = 13;
export const HELD: u32 = 14;
export const HELD_END: u32 = 15;
export const HELD_OUTSIDE: u32 = 16;
export const TYPES_COUNT: u32 = 17;
export const SEEN: u32 = 18;
export const LINES: u32 = 19;
export const BLANK: u32 = 20;
export const COMMENTS: u32 = 21;
export const SAMPLES: u32 = 22;
export const POINTS: u32 = 23;
export const SENT: u32 = 24;
export const NOT_FINITE: u32 = 25;
export const HELD_START: u32 = 26;
/** These two take two words each. */
export const EARLIEST: u32 = 28;
export const LATEST: u32 = 30;
export const COUNTERS: u32 = 32;

// @ts-ignore: decorator
@inline
export function word(index: u32): u32 {
  return load<u32>(CONTEXT + (index << 2));
}

// @ts-ignore: decorator
@inline
export function longWord(index: u32): u64 {
  return load<u64>(CONTEXT + (index << 2));
}

// @ts-ignore: decorator
@inline
export function setWord(index: u32, value: u32): void {
  store<u32>(CONTEXT + (index << 2), value);
}

// @ts-ignore: decorator
@inline
export function addWord(index: u32, value: u32): void {
  setWord(index, word(index) + value);
}

/** Blocks there is memory for, and how many of them may be touched. */
let room: u32 = 0;
let blocks: u32 = 0;
let firstBlock: u32 = 0;
let fresh: u32 = 0;
let free: u32 = 0;
let freeCount: u32 = 0;

/** Called once, with the size of the whole memory in bytes. */
export function initialize(bytes: u32): void {
  store<i64>(MASKS, -1, 0);
  store<i64>(MASKS, -1, 8);
  store<i64>(MASKS, -1, 16);
  store<i64>(MASKS, -1, 24);
  v128.store(VALUE_BYTES, i8x16.splat(0x0a));
  v128.store(VALUE_BYTES, i8x16.splat(0x2e), 16);
  v128.store(VALUE_BYTES, i8x16.splat(0x50), 32);
  v128.store(VALUE_BYTES, i8x16.splat(-118), 48);
  const all = (bytes - ARENA - OVERREAD) / BLOCK;
  const links = ((all << 2) + BLOCK - 1) / BLOCK;
  firstBlock = ARENA + links * BLOCK;
  room = all - links;
  blocks = room;
}

/**
 * From now on at most so many blocks are touched; answers how many. Memory that was touched is never given back to the system, so
 * it is not fewer than have been touched before, used or free.
 */
export function limitBlocks(most: u32): u32 {
  blocks = most < room ? most : room;
  if (blocks < fresh) blocks = fresh;
  return blocks;
}

export function freeBlocks(): u32 {
  return freeCount + blocks - fresh;
}

/** Takes a block and links it before `next` in its owner's list. 0: none is left. */
export function takeBlock(next: u32): u32 {
  let block = free;
  if (block != 0) {
    free = load<u32>(link(block));
    freeCount--;
  } else {
    if (fresh == blocks) return 0;
    block = firstBlock + fresh * BLOCK;
    fresh++;
  }
  store<u32>(link(block), next);
  return block;
}

/** Gives back the list that starts at `block`. */
export function giveBlocks(block: u32): void {
  while (block != 0) {
    const next = load<u32>(link(block));
    store<u32>(link(block), free);
    free = block;
    freeCount++;
    block = next;
  }
}

function link(block: u32): u32 {
  return ARENA + (((block - firstBlock) / BLOCK) << 2);
}
