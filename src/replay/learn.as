import { hash } from "./hash";
import { addWord, INFO, PREDICTED, PREVIOUS, SEEN, setWord, TABLE, TEXT, word } from "./memory";
import {
  dropTable, findLine, INFO_SAMPLE, insert, MOVED, NAME, newTable, remove, reserve, SINGLE, stepsOf, TYPE,
} from "./table";
import { cacheText, head, remember, textOf, writeSteps } from "./text";

/** A text is told from nothing at the latest after so many that are told from each other. */
const MAX_HOPS: u32 = 24;
/** Longest text remembered: a record fits a block whatever its steps are. */
const MAX_TEXT: u32 = 7000;

let told: u32 = 0;

export function beginLearning(): void {
  told = 0;
}

/** The line of `record` was met. */
// @ts-ignore: decorator
@inline
export function follow(record: u32): void {
  const scrape = load<u32>(word(TABLE), 36) as u16;
  if (load<u16>(record, 24) != scrape) {
    store<u16>(record, scrape, 24);
    addWord(SEEN, 1);
    store<u32>(word(PREVIOUS), record, 8);
    setWord(PREVIOUS, record);
  }
  setWord(PREDICTED, load<u32>(record, 8));
}

/**
 * Remembers what the cold path made of a line. `name`: record of its sample name, slot of a TYPE. The text is at TEXT.
 * Answers the record, 0 where there is no room for it.
 */
export function learn(
  kind: u32, extra: u32, key: u32, keyLength: u32, name: u32, textLength: u32, seriesKeyLength: u32,
): u32 {
  const table = word(TABLE);
  const hashed = hash(key, keyLength);
  const known = findLine(table, hashed, keyLength);
  if (known != 0) {
    if (
      load<u8>(known, 22) == kind && load<u8>(known, 23) == extra && load<u32>(known, 16) == name &&
      (kind <= TYPE || load<u16>(known, 26) == word(INFO))
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
  store<u64>(record, hashed);
  store<u32>(record, 0, 8);
  store<u32>(record, name, 16);
  store<u16>(record, keyLength, 20);
  store<u8>(record, kind, 22);
  store<u8>(record, extra, 23);
  store<u16>(record, 0, 24);
  store<u16>(record, word(INFO), 26);
  if (isType) {
    store<u16>(record, textLength, 28);
    memory.copy(record + 30, TEXT, textLength);
  } else if (kind == INFO_SAMPLE) {
    store<u32>(record, 0, 28);
  } else if (hasText) {
    if (kind != SINGLE) {
      store<u32>(record, 0, 40);
      store<u16>(record, seriesKeyLength, 44);
    }
    cacheText(record, TEXT, textLength);
    told = record;
  }
  insert(table, record);
  linkNew(record);
  return record;
}

function sizeOf(kind: u32, textLength: u32): u32 {
  if (kind == TYPE) return 30 + textLength;
  return kind == INFO_SAMPLE ? 32 : 28;
}

/** A new record stands between the line before it and the one that was predicted. */
function linkNew(record: u32): void {
  store<u32>(record, word(PREDICTED), 8);
  follow(record);
}

/** Room for a record with the steps of the text at TEXT, which are written. */
function reserveText(table: u32, kind: u32, length: u32): u32 {
  let other = told;
  let hops: u32 = 0;
  let text: u32 = 0;
  let otherLength: u32 = 0;
  if (other != 0) {
    hops = load<u8>(other, 36) + 1;
    if (hops > MAX_HOPS) {
      other = 0;
      hops = 0;
    } else {
      text = textOf(other);
      otherLength = load<u16>(other, 32);
    }
  }
  // Written behind the text first: how much room they take is known then.
  const start = TEXT + 8192;
  const bytes = writeSteps(TEXT, length, text, otherLength, start) - start;
  const steps = stepsOf(kind);
  const record = reserve(table, steps + bytes);
  if (record == 0) return 0;
  memory.copy(record + steps, start, bytes);
  store<u32>(record, other, 28);
  store<u16>(record, length, 32);
  store<u16>(record, head, 34);
  store<u8>(record, hops, 36);
  return record;
}

/** The two halves of one pair. */
export function pair(one: u32, other: u32): void {
  store<u32>(one, other, 40);
  store<u32>(other, one, 40);
}

/** What lines after this one are told from: the text of a line that was predicted or looked up. */
// @ts-ignore: decorator
@inline
export function tellFrom(record: u32): void {
  told = record;
}

/**
 * Copies what the last page held into a new table and drops the old one, pointers rewritten. Answers the new table, 0 where
 * there was no room for it: then both are gone.
 */
export function compact(table: u32): u32 {
  const copy = newTable(load<u32>(table, 44));
  if (copy == 0) {
    dropTable(table);
    return 0;
  }
  store<u32>(copy, load<u32>(table, 36), 36);
  store<u32>(copy, load<u32>(table, 40), 40);
  remember(0, 0);
  told = 0;
  let previous = copy;
  let record = load<u32>(table, 8);
  while (record != 0) {
    const next = load<u32>(record, 8);
    const to = move(copy, record);
    if (to == 0) {
      dropTable(table);
      dropTable(copy);
      return 0;
    }
    store<u32>(previous, to, 8);
    previous = to;
    record = next;
  }
  store<u32>(previous, 0, 8);
  dropTable(table);
  remember(0, 0);
  return copy;
}

/** Moves one record of a line; where it went stands in its bucket link. */
function move(table: u32, record: u32): u32 {
  const kind = load<u8>(record, 22);
  const name = load<u32>(record, 16);
  let to: u32 = 0;
  if (kind >= SINGLE) {
    const length = load<u16>(record, 32);
    const text = textOf(record);
    memory.copy(TEXT, text, length);
    to = reserveText(table, kind, length);
    if (to == 0) return 0;
    const other = load<u32>(to, 28);
    memory.copy(to, record, 32);
    store<u32>(to, other, 28);
    if (kind != SINGLE) {
      store<u32>(to, 0, 40);
      store<u16>(to, load<u16>(record, 44), 44);
      const half = load<u32>(record, 40);
      if (half != 0 && load<u16>(half, 24) == MOVED) pair(to, load<u32>(half, 12));
    }
    told = to;
    cacheText(to, TEXT, length);
  } else {
    const size = sizeOf(kind, kind == TYPE ? load<u16>(record, 28) : 0);
    to = reserve(table, size);
    if (to == 0) return 0;
    memory.copy(to, record, size);
  }
  if (name != 0) {
    const moved = moveName(table, name);
    if (moved == 0) return 0;
    store<u32>(to, moved, 16);
  }
  insert(table, to);
  leave(record, to);
  return to;
}

function leave(record: u32, to: u32): void {
  store<u16>(record, MOVED, 24);
  store<u32>(record, to, 12);
}

/** A name with its slots, or a slot; 0 where there is no room. */
function moveName(table: u32, record: u32): u32 {
  if (record == 0) return 0;
  if (load<u16>(record, 24) == MOVED) return load<u32>(record, 12);
  const kind = load<u8>(record, 22);
  const to = reserve(table, kind == NAME ? 36 : 28);
  if (to == 0) return 0;
  memory.copy(to, record, kind == NAME ? 36 : 28);
  if (kind == NAME) {
    if (!moveSlot(table, record, to, 8) || !moveSlot(table, record, to, 16) || !moveSlot(table, record, to, 28)) return 0;
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
