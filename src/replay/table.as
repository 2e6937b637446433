import { hash } from "./hash";
import { BLOCK, giveBlocks, INFO, setWord, takeBlock, word, TABLE } from "./memory";

// A target's table: its first block begins with a header, then come records one behind the other, in further blocks too.
// Hash buckets have blocks of their own, listed in the header.
//
//   header      8 first record of the page · 12 records · 16 bucket mask · 20 next free byte · 24 end of its block
//               28 list of blocks · 32 blocks · 36 scrapes · 40 info states · 44 most blocks · 48 line records written
//               64 buckets, by block
//   record      0 hash (u64) · 8 next of the page · 12 next of the bucket · 16 name · 20 key bytes (u16) · 22 kind (u8)
//               23 extra (u8) · 24 seen (u16, low bits of the scrape) · 26 info state (u16)
//   with text   28 record the text is told from · 32 text bytes (u16) · 34 head bytes (u16) · 36 hops to a text told from nothing (u8)
//     SINGLE    37 steps
//     a half    40 the other half · 44 bytes of the series key (u16) · 46 steps
//   INFO        28 info state behind the line
//   TYPE        16 slot · 23 type · 28 bytes of the family (u16) · 30 family
//   NAME        8, 16, 28 slots of the declarations that decide its role · 32 types they had (3 × u8) · 23 dead
//   SLOT        8 scrape of the declaration · 16 type

export const COMMENT: u32 = 1;
export const TYPE: u32 = 2;
export const DROPPED: u32 = 3;
export const NOT_A_NUMBER: u32 = 4;
export const INFO_SAMPLE: u32 = 5;
export const SINGLE: u32 = 6;
export const SUM: u32 = 7;
export const COUNT: u32 = 8;
export const NAME: u32 = 9;
export const SLOT: u32 = 10;

export const SINGLE_STEPS: u32 = 37;
const HALF_STEPS: u32 = 46;

export const MOVED: u32 = 0xffff;
const HEADER: u32 = 64 + 4 * 256;
const BUCKETS_PER_BLOCK_LOG: u32 = 11;
const MAX_BUCKET_BLOCKS: u32 = 256;

/** Where the steps of a record's text begin. */
// @ts-ignore: decorator
@inline
export function stepsOf(kind: u32): u32 {
  return kind == SINGLE ? SINGLE_STEPS : HALF_STEPS;
}

export function newTable(maxBlocks: u32): u32 {
  const table = takeBlock(0);
  if (table == 0) return 0;
  memory.fill(table, 0, HEADER);
  store<u32>(table, table + HEADER, 20);
  store<u32>(table, table + BLOCK, 24);
  store<u32>(table, table, 28);
  store<u32>(table, 1, 32);
  store<u32>(table, maxBlocks, 44);
  const buckets = tableBlock(table);
  if (buckets == 0) {
    giveBlocks(table);
    return 0;
  }
  memory.fill(buckets, 0, BLOCK);
  store<u32>(table, buckets, 64);
  store<u32>(table, (1 << BUCKETS_PER_BLOCK_LOG) - 1, 16);
  return table;
}

export function dropTable(table: u32): void {
  giveBlocks(load<u32>(table, 28));
}

export function tableBlocks(table: u32): u32 {
  return load<u32>(table, 32);
}

/** Records of lines written so far, those of no use any more included. */
export function tableLines(table: u32): u32 {
  return load<u32>(table, 48);
}

/** A scrape begins. Answers its number, never 0 or the mark of a moved record in the low bits. */
export function nextScrape(table: u32): u32 {
  let scrape = load<u32>(table, 36) + 1;
  if ((scrape & 0xffff) == 0) scrape++;
  if ((scrape & 0xffff) == MOVED) scrape += 2;
  store<u32>(table, scrape, 36);
  return scrape;
}

/** The scrape at hand is the first: nothing is known of the lines to come, and looking for one costs two cache misses. */
// @ts-ignore: decorator
@inline
export function isFresh(table: u32): bool {
  return load<u32>(table, 36) == 1;
}

function tableBlock(table: u32): u32 {
  if (load<u32>(table, 32) >= load<u32>(table, 44)) return 0;
  const block = takeBlock(load<u32>(table, 28));
  if (block != 0) {
    store<u32>(table, block, 28);
    store<u32>(table, load<u32>(table, 32) + 1, 32);
  }
  return block;
}

/** Bytes for a record; 0 where there is no room. */
export function reserve(table: u32, bytes: u32): u32 {
  const size = (bytes + 3) & ~3;
  if (size > BLOCK) return 0;
  let at = load<u32>(table, 20);
  if (at + size > load<u32>(table, 24)) {
    at = tableBlock(table);
    if (at == 0) return 0;
    store<u32>(table, at + BLOCK, 24);
  }
  store<u32>(table, at + size, 20);
  return at;
}

// @ts-ignore: decorator
@inline
function bucket(table: u32, hashed: u64): u32 {
  const index = (hashed as u32) & load<u32>(table, 16);
  const block = load<u32>(table + ((index >> BUCKETS_PER_BLOCK_LOG) << 2), 64);
  return block + ((index & ((1 << BUCKETS_PER_BLOCK_LOG) - 1)) << 2);
}

/** The record of a line's key, or 0. */
export function findLine(table: u32, hashed: u64, length: u32): u32 {
  let record = load<u32>(bucket(table, hashed));
  while (record != 0) {
    if (load<u64>(record) == hashed && load<u16>(record, 20) == length && load<u8>(record, 22) < NAME) {
      return record;
    }
    record = load<u32>(record, 12);
  }
  return 0;
}

function findKind(table: u32, hashed: u64, kind: u32): u32 {
  let record = load<u32>(bucket(table, hashed));
  while (record != 0) {
    if (load<u64>(record) == hashed && load<u8>(record, 22) == kind) return record;
    record = load<u32>(record, 12);
  }
  return 0;
}

/** The record has its hash. */
export function insert(table: u32, record: u32): void {
  const records = load<u32>(table, 12) + 1;
  store<u32>(table, records, 12);
  if (load<u8>(record, 22) < NAME) store<u32>(table, load<u32>(table, 48) + 1, 48);
  if (records > 2 * (load<u32>(table, 16) + 1)) growBuckets(table);
  const at = bucket(table, load<u64>(record));
  store<u32>(record, load<u32>(at), 12);
  store<u32>(at, record);
}

export function remove(table: u32, record: u32): void {
  let at = bucket(table, load<u64>(record));
  while (load<u32>(at) != record) at = load<u32>(at) + 12;
  store<u32>(at, load<u32>(record, 12));
  store<u32>(table, load<u32>(table, 12) - 1, 12);
}

function growBuckets(table: u32): void {
  const mask = load<u32>(table, 16);
  const before: u32 = (mask + 1) >> BUCKETS_PER_BLOCK_LOG;
  if (<u32>(2 * before) > MAX_BUCKET_BLOCKS) return;
  for (let block = before; block < 2 * before; block++) {
    const at = tableBlock(table);
    if (at == 0) return;
    memory.fill(at, 0, BLOCK);
    store<u32>(table + (block << 2), at, 64);
  }
  for (let index: u32 = 0; index <= mask; index++) {
    const at = load<u32>(table + ((index >> BUCKETS_PER_BLOCK_LOG) << 2), 64) + ((index & 2047) << 2);
    let record = load<u32>(at);
    store<u32>(at, 0);
    store<u32>(table, 2 * mask + 1, 16);
    while (record != 0) {
      const next = load<u32>(record, 12);
      const to = bucket(table, load<u64>(record));
      store<u32>(record, load<u32>(to), 12);
      store<u32>(to, record);
      record = next;
    }
  }
}

/** Record of a sample name whose declarations are as they are now, 0 where there is none. */
export function findName(table: u32, start: u32, length: u32): u32 {
  const hashed = hash(start, length) ^ NAME;
  let record = load<u32>(bucket(table, hashed));
  while (record != 0) {
    if (load<u64>(record) == hashed && load<u8>(record, 22) == NAME && nameHolds(record)) return record;
    record = load<u32>(record, 12);
  }
  return 0;
}

/** Remembers a sample name with the declarations that decide its role as they are now. */
export function learnName(table: u32, start: u32, length: u32, a: u32, b: u32, c: u32): u32 {
  const record = reserve(table, 36);
  if (record == 0) return 0;
  memory.fill(record, 0, 36);
  store<u64>(record, hash(start, length) ^ NAME);
  store<u8>(record, NAME, 22);
  store<u32>(record, a, 8);
  store<u32>(record, b, 16);
  store<u32>(record, c, 28);
  store<u8>(record, typeNow(a), 32);
  store<u8>(record, typeNow(b), 33);
  store<u8>(record, typeNow(c), 34);
  insert(table, record);
  return record;
}

/** A family of this name was declared for the first time: what was known of the sample name is void. */
export function killName(table: u32, start: u32, length: u32): void {
  const hashed = hash(start, length) ^ NAME;
  let record = load<u32>(bucket(table, hashed));
  while (record != 0) {
    if (load<u64>(record) == hashed && load<u8>(record, 22) == NAME) store<u8>(record, 1, 23);
    record = load<u32>(record, 12);
  }
  forgetName();
}

export function findSlot(table: u32, start: u32, length: u32): u32 {
  return findKind(table, hash(start, length) ^ SLOT, SLOT);
}

export function learnSlot(table: u32, start: u32, length: u32): u32 {
  const record = reserve(table, 28);
  if (record == 0) return 0;
  memory.fill(record, 0, 28);
  store<u64>(record, hash(start, length) ^ SLOT);
  store<u8>(record, SLOT, 22);
  insert(table, record);
  return record;
}

export let lastName: u32 = 0;

export function forgetName(): void {
  lastName = 0;
}

/** The declarations of `name` are those under which it was learned; 0: of none. */
export function rememberName(name: u32): void {
  lastName = name;
}

/** The family of the slot is of `type` from here on. */
export function declare(slot: u32, type: u32): void {
  declareIn(load<u32>(word(TABLE), 36), slot, type);
  forgetName();
}

// @ts-ignore: decorator
@inline
export function declareIn(scrape: u32, slot: u32, type: u32): void {
  store<u32>(slot, scrape, 8);
  store<u32>(slot, type, 16);
}

function typeNow(slot: u32): u32 {
  return typeIn(load<u32>(word(TABLE), 36), slot);
}

// @ts-ignore: decorator
@inline
function typeIn(scrape: u32, slot: u32): u32 {
  return slot != 0 && load<u32>(slot, 8) == scrape ? load<u32>(slot, 16) : 0;
}

// @ts-ignore: decorator
@inline
export function nameHolds(name: u32): bool {
  return name == lastName || nameHoldsNow(name);
}

function nameHoldsNow(name: u32): bool {
  const holds = nameHoldsIn(load<u32>(word(TABLE), 36), name);
  if (holds) lastName = name;
  return holds;
}

// @ts-ignore: decorator
@inline
export function nameHoldsIn(scrape: u32, name: u32): bool {
  return load<u8>(name, 23) == 0 &&
    typeIn(scrape, load<u32>(name, 8)) == load<u8>(name, 32) &&
    typeIn(scrape, load<u32>(name, 16)) == load<u8>(name, 33) &&
    typeIn(scrape, load<u32>(name, 28)) == load<u8>(name, 34);
}

/** A new info state; 0 where there are too many: the table has to start over. */
export function nextInfo(table: u32): u32 {
  const state = load<u32>(table, 40) + 1;
  if (state > 0xffff) return 0;
  store<u32>(table, state, 40);
  setWord(INFO, state);
  return state;
}
