import { hash } from "./hash";
import { addWord, INFO, PREDICTED, PREVIOUS, SEEN, setWord, TABLE, TEXT, word } from "./memory";
import {
  halfAt, INFO_SAMPLE, infoAt, InfoRecord, lineAt, LineRecord, MOVED, NAME, NameRecord, SINGLE,
  SlotRecord, stepsOf, tableAt, textAt, TextRecord, TYPE, typeAt, TypeRecord,
} from "./records";
import { dropTable, findLine, insert, newTable, remove, reserve } from "./table";
import { cacheText, head, remember, textOf, writeSteps } from "./text";

/** Longest chain of deltas before a text is stored whole. */
const MAX_HOPS: u32 = 24;
/** Longest text that is remembered: with it a record fits a block, whatever its steps are. */
const MAX_TEXT: u32 = 7000;
/** New steps are written this far past TEXT, beyond the longest text, until they have a record. */
const STEPS: u32 = 8192;
/** `move` copies this much of a record with a text: all that does not depend on its steps. */
const COPIED_BYTES: u32 = offsetof<TextRecord>("textBytes");

/** The next text that is learned becomes a delta of this record's. */
let told: u32 = 0;

export function beginLearning(): void {
  told = 0;
}

/** Moves on to the line of `record`, and marks it as seen in this scrape. */
// @ts-ignore: decorator
@inline
export function follow(record: u32): void {
  const scrape = tableAt(word(TABLE)).scrape as u16;
  if (lineAt(record).seen != scrape) {
    lineAt(record).seen = scrape;
    addWord(SEEN, 1);
    lineAt(word(PREVIOUS)).next = record;
    setWord(PREVIOUS, record);
  }
  setWord(PREDICTED, lineAt(record).next);
}

/**
 * Remembers what the cold path made of a line. `name`: record of its sample name; of a TYPE, its
 * slot. The text is at TEXT. Returns the record, or 0 if there is no room.
 */
export function learn(
  kind: u32, extra: u32, key: u32, keyLength: u32, name: u32, textLength: u32, seriesKeyLength: u32,
): u32 {
  const table = word(TABLE);
  const hashed = hash(key, keyLength);
  const known = findLine(table, hashed, keyLength);
  if (known != 0) {
    if (
      lineAt(known).kind == kind && lineAt(known).extra == extra &&
      lineAt(known).name == name &&
      (kind <= TYPE || lineAt(known).info == word(INFO))
    ) {
      follow(known);
      return known;
    }
    remove(table, known);
  }
  const hasText = kind >= SINGLE;
  const isType = kind == TYPE;
  if (textLength > MAX_TEXT) return 0;
  const record = hasText
    ? reserveText(table, kind, textLength)
    : reserve(table, sizeOf(kind, textLength));
  if (record == 0) return 0;
  lineAt(record).hash = hashed;
  lineAt(record).next = 0;
  lineAt(record).name = name;
  lineAt(record).keyBytes = keyLength as u16;
  lineAt(record).kind = kind as u8;
  lineAt(record).extra = extra as u8;
  lineAt(record).seen = 0;
  lineAt(record).info = word(INFO) as u16;
  if (isType) {
    typeAt(record).familyBytes = textLength as u16;
    memory.copy(record + offsetof<TypeRecord>(), TEXT, textLength);
  } else if (kind == INFO_SAMPLE) {
    infoAt(record).after = 0;
  } else if (hasText) {
    if (kind != SINGLE) {
      halfAt(record).otherHalf = 0;
      halfAt(record).seriesKeyBytes = seriesKeyLength as u16;
    }
    cacheText(record, TEXT, textLength);
    told = record;
  }
  insert(table, record);
  linkNew(record);
  return record;
}

function sizeOf(kind: u32, textLength: u32): u32 {
  if (kind == TYPE) return offsetof<TypeRecord>() + textLength;
  return kind == INFO_SAMPLE ? offsetof<InfoRecord>() : offsetof<LineRecord>();
}

/** Links a new record in between the line before it and the predicted one. */
function linkNew(record: u32): void {
  lineAt(record).next = word(PREDICTED);
  follow(record);
}

/** Reserves a record for the text at TEXT and writes its steps into it. */
function reserveText(table: u32, kind: u32, length: u32): u32 {
  let other = told;
  let hops: u32 = 0;
  let text: u32 = 0;
  let otherLength: u32 = 0;
  if (other != 0) {
    hops = (textAt(other).hops as u32) + 1;
    if (hops > MAX_HOPS) {
      other = 0;
      hops = 0;
    } else {
      text = textOf(other);
      otherLength = textAt(other).textBytes;
    }
  }
  // Written past the text first: only then is their size known.
  const start = TEXT + STEPS;
  const bytes = writeSteps(TEXT, length, text, otherLength, start) - start;
  const steps = stepsOf(kind);
  const record = reserve(table, steps + bytes);
  if (record == 0) return 0;
  memory.copy(record + steps, start, bytes);
  textAt(record).base = other;
  textAt(record).textBytes = length as u16;
  textAt(record).headBytes = head as u16;
  textAt(record).hops = hops as u8;
  return record;
}

/** Makes two records the halves of one pair. */
export function pair(one: u32, other: u32): void {
  halfAt(one).otherHalf = other;
  halfAt(other).otherHalf = one;
}

/** Makes the texts learned next deltas of this record's, whose line was predicted or looked up. */
// @ts-ignore: decorator
@inline
export function tellFrom(record: u32): void {
  told = record;
}

/**
 * Copies the records of the last page into a new table, with new addresses, and drops the old
 * table. Returns the new table, or 0 if there was no room: then both are gone.
 */
export function compact(table: u32): u32 {
  const copy = newTable(tableAt(table).maxBlocks);
  if (copy == 0) {
    dropTable(table);
    return 0;
  }
  tableAt(copy).scrape = tableAt(table).scrape;
  tableAt(copy).infoStates = tableAt(table).infoStates;
  remember(0, 0);
  told = 0;
  let previous = copy;
  let record = tableAt(table).next;
  while (record != 0) {
    const next = lineAt(record).next;
    const to = move(copy, record);
    if (to == 0) {
      dropTable(table);
      dropTable(copy);
      return 0;
    }
    lineAt(previous).next = to;
    previous = to;
    record = next;
  }
  lineAt(previous).next = 0;
  dropTable(table);
  remember(0, 0);
  return copy;
}

/** Copies the record of one line, and leaves its new address in the old one's `bucketNext`. */
function move(table: u32, record: u32): u32 {
  const kind = lineAt(record).kind;
  const name = lineAt(record).name;
  let to: u32 = 0;
  if (kind >= SINGLE) {
    const length = textAt(record).textBytes;
    const text = textOf(record);
    memory.copy(TEXT, text, length);
    to = reserveText(table, kind, length);
    if (to == 0) return 0;
    const other = textAt(to).base;
    memory.copy(to, record, COPIED_BYTES);
    textAt(to).base = other;
    if (kind != SINGLE) {
      halfAt(to).otherHalf = 0;
      halfAt(to).seriesKeyBytes = halfAt(record).seriesKeyBytes;
      const half = halfAt(record).otherHalf;
      const isMoved = half != 0 && lineAt(half).seen == MOVED;
      if (isMoved) pair(to, lineAt(half).bucketNext);
    }
    told = to;
    cacheText(to, TEXT, length);
  } else {
    const size = sizeOf(kind, kind == TYPE ? typeAt(record).familyBytes : 0);
    to = reserve(table, size);
    if (to == 0) return 0;
    memory.copy(to, record, size);
  }
  if (name != 0) {
    const moved = moveName(table, name);
    if (moved == 0) return 0;
    lineAt(to).name = moved;
  }
  insert(table, to);
  leave(record, to);
  return to;
}

function leave(record: u32, to: u32): void {
  lineAt(record).seen = MOVED as u16;
  lineAt(record).bucketNext = to;
}

/** Copies a name with its slots, or a slot. Returns the copy, or 0 if there is no room. */
function moveName(table: u32, record: u32): u32 {
  if (record == 0) return 0;
  if (lineAt(record).seen == MOVED) return lineAt(record).bucketNext;
  const kind = lineAt(record).kind;
  const to = reserve(table, kind == NAME ? offsetof<NameRecord>() : offsetof<SlotRecord>());
  if (to == 0) return 0;
  memory.copy(to, record, kind == NAME ? offsetof<NameRecord>() : offsetof<SlotRecord>());
  if (kind == NAME) {
    if (
      !moveSlot(table, record, to, offsetof<NameRecord>("slotA")) ||
      !moveSlot(table, record, to, offsetof<NameRecord>("slotB")) ||
      !moveSlot(table, record, to, offsetof<NameRecord>("slotC"))
    ) return 0;
  }
  insert(table, to);
  leave(record, to);
  return to;
}

function moveSlot(table: u32, from: u32, to: u32, at: u32): bool {
  const slot = load<u32>(from + at);
  if (slot == 0) return true;
  const moved = moveName(table, slot);
  store<u32>(to + at, moved);
  return moved != 0;
}
