import { hash } from "./hash";
import { BLOCK, giveBlocks, INFO, setWord, TABLE, takeBlock, word } from "./memory";
import {
  BUCKET_BLOCKS, HEADER_BYTES, lineAt, LineRecord, MAX_BUCKET_BLOCKS, MOVED, NAME, nameAt,
  NameRecord, SLOT, slotAt, SlotRecord, tableAt,
} from "./records";

const BUCKETS_PER_BLOCK_LOG: u32 = 11;
const BUCKETS_PER_BLOCK: u32 = 1 << BUCKETS_PER_BLOCK_LOG;

export function newTable(maxBlocks: u32): u32 {
  const table = takeBlock(0);
  if (table == 0) return 0;
  memory.fill(table, 0, HEADER_BYTES);
  tableAt(table).free = table + HEADER_BYTES;
  tableAt(table).freeEnd = table + BLOCK;
  tableAt(table).blockList = table;
  tableAt(table).blocks = 1;
  tableAt(table).maxBlocks = maxBlocks;
  const buckets = tableBlock(table);
  if (buckets == 0) {
    giveBlocks(table);
    return 0;
  }
  memory.fill(buckets, 0, BLOCK);
  store<u32>(table, buckets, BUCKET_BLOCKS);
  tableAt(table).bucketMask = BUCKETS_PER_BLOCK - 1;
  return table;
}

export function dropTable(table: u32): void {
  giveBlocks(tableAt(table).blockList);
}

export function tableBlocks(table: u32): u32 {
  return tableAt(table).blocks;
}

/** Records of lines written so far, useless ones included. */
export function tableLines(table: u32): u32 {
  return tableAt(table).lines;
}

/** Begins a scrape and returns its number, whose low bits are never 0 or `MOVED`. */
export function nextScrape(table: u32): u32 {
  let scrape = tableAt(table).scrape + 1;
  if ((scrape & 0xffff) == 0) scrape++;
  if ((scrape & 0xffff) == MOVED) scrape += 2;
  tableAt(table).scrape = scrape;
  return scrape;
}

/** This is the first scrape: no line is known, and looking for one would cost two cache misses. */
// @ts-ignore: decorator
@inline
export function isFresh(table: u32): bool {
  return tableAt(table).scrape == 1;
}

function tableBlock(table: u32): u32 {
  if (tableAt(table).blocks >= tableAt(table).maxBlocks) return 0;
  const block = takeBlock(tableAt(table).blockList);
  if (block != 0) {
    tableAt(table).blockList = block;
    tableAt(table).blocks++;
  }
  return block;
}

/** Reserves bytes for a record. 0: there is no room. */
export function reserve(table: u32, bytes: u32): u32 {
  const size = (bytes + 3) & ~3;
  if (size > BLOCK) return 0;
  let at = tableAt(table).free;
  if (at + size > tableAt(table).freeEnd) {
    at = tableBlock(table);
    if (at == 0) return 0;
    tableAt(table).freeEnd = at + BLOCK;
  }
  tableAt(table).free = at + size;
  return at;
}

// @ts-ignore: decorator
@inline
function bucket(table: u32, hashed: u64): u32 {
  const index = (hashed as u32) & tableAt(table).bucketMask;
  const block = load<u32>(table + ((index >> BUCKETS_PER_BLOCK_LOG) << 2), BUCKET_BLOCKS);
  return block + ((index & (BUCKETS_PER_BLOCK - 1)) << 2);
}

/** Finds the record of a line's key. 0: there is none. */
export function findLine(table: u32, hashed: u64, length: u32): u32 {
  let record = load<u32>(bucket(table, hashed));
  while (record != 0) {
    if (
      lineAt(record).hash == hashed && lineAt(record).keyBytes == length &&
      lineAt(record).kind < NAME
    ) {
      return record;
    }
    record = lineAt(record).bucketNext;
  }
  return 0;
}

function findKind(table: u32, hashed: u64, kind: u32): u32 {
  let record = load<u32>(bucket(table, hashed));
  while (record != 0) {
    if (lineAt(record).hash == hashed && lineAt(record).kind == kind) return record;
    record = lineAt(record).bucketNext;
  }
  return 0;
}

/** Adds a record whose hash is set. */
export function insert(table: u32, record: u32): void {
  const records = tableAt(table).records + 1;
  tableAt(table).records = records;
  if (lineAt(record).kind < NAME) tableAt(table).lines++;
  if (records > 2 * (tableAt(table).bucketMask + 1)) growBuckets(table);
  const at = bucket(table, lineAt(record).hash);
  lineAt(record).bucketNext = load<u32>(at);
  store<u32>(at, record);
}

export function remove(table: u32, record: u32): void {
  let at = bucket(table, lineAt(record).hash);
  while (load<u32>(at) != record) at = load<u32>(at) + offsetof<LineRecord>("bucketNext");
  store<u32>(at, lineAt(record).bucketNext);
  tableAt(table).records--;
}

function growBuckets(table: u32): void {
  const mask = tableAt(table).bucketMask;
  const before: u32 = (mask + 1) >> BUCKETS_PER_BLOCK_LOG;
  if (<u32>(2 * before) > MAX_BUCKET_BLOCKS) return;
  for (let block = before; block < 2 * before; block++) {
    const at = tableBlock(table);
    if (at == 0) return;
    memory.fill(at, 0, BLOCK);
    store<u32>(table + (block << 2), at, BUCKET_BLOCKS);
  }
  for (let index: u32 = 0; index <= mask; index++) {
    const block = load<u32>(table + ((index >> BUCKETS_PER_BLOCK_LOG) << 2), BUCKET_BLOCKS);
    const at = block + ((index & (BUCKETS_PER_BLOCK - 1)) << 2);
    let record = load<u32>(at);
    store<u32>(at, 0);
    tableAt(table).bucketMask = 2 * mask + 1;
    while (record != 0) {
      const next = lineAt(record).bucketNext;
      const to = bucket(table, lineAt(record).hash);
      lineAt(record).bucketNext = load<u32>(to);
      store<u32>(to, record);
      record = next;
    }
  }
}

/** Finds the record of a sample name that was learned under the present declarations, or 0. */
export function findName(table: u32, start: u32, length: u32): u32 {
  const hashed = hash(start, length) ^ NAME;
  let record = load<u32>(bucket(table, hashed));
  while (record != 0) {
    const isName = lineAt(record).hash == hashed && lineAt(record).kind == NAME;
    if (isName && nameHolds(record)) return record;
    record = lineAt(record).bucketNext;
  }
  return 0;
}

/** Remembers a sample name under the present declarations, which decide its role. */
export function learnName(table: u32, start: u32, length: u32, a: u32, b: u32, c: u32): u32 {
  const record = reserve(table, offsetof<NameRecord>());
  if (record == 0) return 0;
  memory.fill(record, 0, offsetof<NameRecord>());
  lineAt(record).hash = hash(start, length) ^ NAME;
  lineAt(record).kind = NAME as u8;
  nameAt(record).slotA = a;
  nameAt(record).slotB = b;
  nameAt(record).slotC = c;
  nameAt(record).typeA = typeNow(a) as u8;
  nameAt(record).typeB = typeNow(b) as u8;
  nameAt(record).typeC = typeNow(c) as u8;
  insert(table, record);
  return record;
}

/** A family of this name was declared for the first time: voids what was known of the name. */
export function killName(table: u32, start: u32, length: u32): void {
  const hashed = hash(start, length) ^ NAME;
  let record = load<u32>(bucket(table, hashed));
  while (record != 0) {
    if (lineAt(record).hash == hashed && lineAt(record).kind == NAME) nameAt(record).dead = 1;
    record = lineAt(record).bucketNext;
  }
  forgetName();
}

export function findSlot(table: u32, start: u32, length: u32): u32 {
  return findKind(table, hash(start, length) ^ SLOT, SLOT);
}

export function learnSlot(table: u32, start: u32, length: u32): u32 {
  const record = reserve(table, offsetof<SlotRecord>());
  if (record == 0) return 0;
  memory.fill(record, 0, offsetof<SlotRecord>());
  lineAt(record).hash = hash(start, length) ^ SLOT;
  lineAt(record).kind = SLOT as u8;
  insert(table, record);
  return record;
}

export let lastName: u32 = 0;

export function forgetName(): void {
  lastName = 0;
}

/** `name` was learned under the present declarations. 0: no name is known to be. */
export function rememberName(name: u32): void {
  lastName = name;
}

/** From here on the slot's family is of `type`. */
export function declare(slot: u32, type: u32): void {
  declareIn(tableAt(word(TABLE)).scrape, slot, type);
  forgetName();
}

// @ts-ignore: decorator
@inline
export function declareIn(scrape: u32, slot: u32, type: u32): void {
  slotAt(slot).scrape = scrape;
  slotAt(slot).type = type;
}

function typeNow(slot: u32): u32 {
  return typeIn(tableAt(word(TABLE)).scrape, slot);
}

// @ts-ignore: decorator
@inline
function typeIn(scrape: u32, slot: u32): u32 {
  return slot != 0 && slotAt(slot).scrape == scrape ? slotAt(slot).type : 0;
}

// @ts-ignore: decorator
@inline
export function nameHolds(name: u32): bool {
  return name == lastName || nameHoldsNow(name);
}

function nameHoldsNow(name: u32): bool {
  const holds = nameHoldsIn(tableAt(word(TABLE)).scrape, name);
  if (holds) lastName = name;
  return holds;
}

// @ts-ignore: decorator
@inline
export function nameHoldsIn(scrape: u32, name: u32): bool {
  return nameAt(name).dead == 0 &&
    typeIn(scrape, nameAt(name).slotA) == nameAt(name).typeA &&
    typeIn(scrape, nameAt(name).slotB) == nameAt(name).typeB &&
    typeIn(scrape, nameAt(name).slotC) == nameAt(name).typeC;
}

/** Begins a new info state. 0: there are too many, and the table has to start over. */
export function nextInfo(table: u32): u32 {
  const state = tableAt(table).infoStates + 1;
  if (state > 0xffff) return 0;
  tableAt(table).infoStates = state;
  setWord(INFO, state);
  return state;
}
