import { hash } from "./hash";
import { beginLearning, follow, tellFrom } from "./learn";
import {
  addWord, BLANK, BUDGET, COMMENTS, COUNTERS, END, HELD, HELD_END, HELD_OUTSIDE, HELD_START, HIT,
  INFO, LINE_END, LINES, NOT_FINITE, OUT, OUT_LIMIT, PENDING, PENDING_BYTES, POINTS, POSITION,
  PREDICTED, SAMPLES, SENT, setWord, TABLE, TAIL, TAIL_LENGTH, TAIL_STATUS, TAIL_STATUS_LENGTH,
  TYPES, TYPES_COUNT, TYPES_MAX, word,
} from "./memory";
import { COUNT, DROPPED, halfAt, lineAt, NOT_A_NUMBER, SINGLE, TYPE } from "./records";
import { declare, findLine, forgetName, isFresh, nameHolds } from "./table";
import { replayKnown } from "./known";
import { isNan, lineEnd, putTime, scanRest, timeStart, valueEnd } from "./rest";
import { copy, remember, writeText } from "./text";

export { initialize, freeBlocks, limitBlocks } from "./memory";
export {
  declare, dropTable, findName, findSlot, killName, learnName, learnSlot, nameHolds, newTable,
  nextInfo, nextScrape, tableBlocks, tableLines,
} from "./table";
export { beginLearning, compact, follow, learn, pair, tellFrom } from "./learn";
export { textOf } from "./text";
export { hash };

const LINE_FEED: u32 = 0x0a;
const BLANK_BYTE: u32 = 0x20;
const HASH: u32 = 0x23;
const COMMA: u32 = 0x2c;

/** Why `run` stopped. */
const MORE: u32 = 0;
const COLD: u32 = 1;
const FULL: u32 = 2;
const RELEASE: u32 = 3;
/** Answered by `replaySample` only: go on. */
const DONE: u32 = 4;

/** How far past the line `joinHalves` writes the text that it takes a field from. */
const SCRATCH: u32 = 256;

/** Longest value or time that is searched for from the end of a line. */
const MAX_WORD: u32 = 40;

/** Replays the page from POSITION on. `MORE`: only an unfinished line is left. */
export function run(): u32 {
  forgetName();
  remember(0, 0);
  beginLearning();
  return resume();
}

/** Goes on after a stop within the same bytes: the last line's text is still in memory. */
export function resume(): u32 {
  const end = word(END);
  const table = word(TABLE);
  let at = word(POSITION);
  while (at < end) {
    if (word(HELD) == 0 && word(HELD_OUTSIDE) == 0) {
      setWord(POSITION, at);
      replayKnown();
      if (word(OUT) >= word(OUT_LIMIT)) return FULL;
      at = word(POSITION);
      if (at >= end) break;
    }
    const first: u32 = load<u8>(at);
    if (first == LINE_FEED) {
      addWord(BLANK, 1);
      addWord(LINES, 1);
      at++;
      continue;
    }
    let record = word(PREDICTED);
    let keyEnd: u32 = 0;
    if (record != 0) {
      const length: u32 = lineAt(record).keyBytes;
      keyEnd = at + length;
      if (keyEnd >= end || hash(at, length) != lineAt(record).hash) record = 0;
    }
    if (record == 0) {
      const feed = findFeed(at, end);
      if (feed == 0) break;
      record = isFresh(table) ? 0 : lookUp(table, at, feed, first);
      if (record == 0) return cold(at, feed, 0);
      keyEnd = at + lineAt(record).keyBytes;
    }
    if (lineAt(record).kind <= <u8>TYPE) {
      if (load<u8>(keyEnd) != LINE_FEED) return stop(at, end, record);
      if (lineAt(record).kind == <u8>TYPE) {
        const count = word(TYPES_COUNT);
        if (count == TYPES_MAX) return cold(at, keyEnd, record);
        store<u32>(TYPES + (count << 2), record);
        setWord(TYPES_COUNT, count + 1);
        declare(lineAt(record).name, lineAt(record).extra);
      }
      addWord(COMMENTS, 1);
      addWord(LINES, 1);
      follow(record);
      at = keyEnd + 1;
      continue;
    }
    if (
      !scanRest(keyEnd, end) || !nameHolds(lineAt(record).name) ||
      lineAt(record).info != word(INFO)
    ) {
      return stop(at, end, record);
    }
    const answer = replaySample(record, keyEnd, lineAt(record).kind);
    if (answer == COLD) return cold(at, lineEnd, record);
    if (answer == RELEASE) {
      setWord(POSITION, at);
      return RELEASE;
    }
    addWord(LINES, 1);
    addWord(SAMPLES, 1);
    setWord(BUDGET, word(BUDGET) - 1);
    follow(record);
    at = lineEnd + 1;
    if (word(OUT) >= word(OUT_LIMIT)) {
      setWord(POSITION, at);
      return FULL;
    }
  }
  setWord(POSITION, at);
  return MORE;
}

/** Leaves the line at `at` to the cold path, once all of it is there. */
function stop(at: u32, end: u32, record: u32): u32 {
  const feed = findFeed(at, end);
  if (feed == 0) {
    setWord(POSITION, at);
    return MORE;
  }
  return cold(at, feed, record);
}

function cold(at: u32, feed: u32, record: u32): u32 {
  setWord(POSITION, at);
  setWord(LINE_END, feed);
  setWord(HIT, record);
  return COLD;
}

/** Counts and writes a known sample. `COLD`: its record does not decide this value. */
// @ts-ignore: decorator
@inline
function replaySample(record: u32, value: u32, kind: u32): u32 {
  if (word(BUDGET) == 0) return COLD;
  if (kind >= SINGLE) {
    if (isNan) {
      addWord(NOT_FINITE, 1);
      return DONE;
    }
    return kind == SINGLE ? replaySingle(record, value) : replayHalf(record, value, kind);
  }
  if (kind == DROPPED) {
    // A NaN has other reasons to be dropped; only the cold path knows which comes first.
    if (isNan) return COLD;
    addWord(COUNTERS + lineAt(record).extra, 1);
    return DONE;
  }
  if (kind == NOT_A_NUMBER && isNan) {
    addWord(NOT_FINITE, 1);
    return DONE;
  }
  return COLD;
}

// @ts-ignore: decorator
@inline
function replaySingle(record: u32, value: u32): u32 {
  if (word(HELD_OUTSIDE) != 0) return RELEASE;
  if (word(HELD) != 0) releaseHeld();
  const start = word(OUT);
  let to = writeText(record, start);
  remember(record, start);
  tellFrom(record);
  to = putValue(to, value);
  const plainTail = lineAt(record).extra != 0;
  if (timeStart == 0) {
    putTail(to, plainTail);
  } else {
    putOwnTime(to, plainTail);
  }
  addWord(POINTS, 1);
  addWord(SENT, 1);
  return DONE;
}

// @ts-ignore: decorator
@inline
function putValue(to: u32, value: u32): u32 {
  v128.store(to, v128.load(value));
  v128.store(to, v128.load(value, 16), 16);
  return to + valueEnd - value;
}

// @ts-ignore: decorator
@inline
function putTail(to: u32, plain: bool): void {
  const from = plain ? TAIL : TAIL_STATUS;
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  v128.store(to, v128.load(from, 32), 32);
  setWord(OUT, to + word(plain ? TAIL_LENGTH : TAIL_STATUS_LENGTH));
}

/** Writes the line's own time, after the status field if there is one. */
function putOwnTime(to: u32, plain: bool): void {
  if (!plain) {
    const status = word(TAIL_STATUS_LENGTH) - word(TAIL_LENGTH);
    copy(to, TAIL_STATUS, status);
    to += status;
  }
  setWord(OUT, putTime(to));
}

/** Keeps the text and value of a half in PENDING until the next point: it may be the other half. */
function replayHalf(record: u32, value: u32, kind: u32): u32 {
  if (word(HELD_OUTSIDE) != 0) return COLD;
  const held = word(HELD);
  if (held != 0) {
    if (halfAt(record).otherHalf == held) {
      joinHalves(held, record, value, kind);
      return DONE;
    }
    // Two lines may spell the same series: the cold path decides whether this is the other half.
    if (lineAt(held).kind != kind) return COLD;
    releaseHeld();
  }
  // Not over the text of the half before: this one may be a delta of it.
  const start = word(HELD_START) == PENDING ? PENDING + PENDING_BYTES : PENDING;
  const end = writeText(record, start);
  remember(record, start);
  tellFrom(record);
  setWord(HELD_START, start);
  setWord(HELD_END, putValue(end, value));
  setWord(HELD, record);
  return DONE;
}

/** Writes count first, then sum, in whatever order the page has them. */
function joinHalves(held: u32, record: u32, value: u32, kind: u32): void {
  const start = word(OUT);
  const heldStart = word(HELD_START);
  const heldEnd = word(HELD_END);
  let to: u32;
  if (kind == COUNT) {
    to = putValue(writeText(record, start), value);
    store<u8>(to, COMMA);
    const field = heldStart + halfAt(held).seriesKeyBytes + 1;
    copy(to + 1, field, heldEnd - field);
    to += 1 + heldEnd - field;
    remember(record, start);
    putTail(to, lineAt(record).extra != 0);
  } else {
    copy(start, heldStart, heldEnd - heldStart);
    to = start + heldEnd - heldStart;
    store<u8>(to, COMMA);
    // Its text is written past the line for a moment, to take the field from it.
    const text = to + SCRATCH;
    const end = writeText(record, text);
    const field = text + halfAt(record).seriesKeyBytes + 1;
    copy(to + 1, field, end - field);
    to = putValue(to + 1 + end - field, value);
    remember(0, 0);
    putTail(to, lineAt(held).extra != 0);
  }
  tellFrom(record);
  setWord(HELD, 0);
  addWord(POINTS, 1);
  addWord(SENT, 2);
}

function releaseHeld(): void {
  const start = word(OUT);
  const held = word(HELD);
  const length = word(HELD_END) - word(HELD_START);
  copy(start, word(HELD_START), length);
  putTail(start + length, lineAt(held).extra != 0);
  remember(held, start);
  setWord(HELD, 0);
  addWord(POINTS, 1);
  addWord(SENT, 1);
}

/**
 * Finds the record of the line `[at, feed)`. The key of a comment is the whole line, that of a
 * sample everything before its last word (the value) or its last two (value and time).
 */
function lookUp(table: u32, at: u32, feed: u32, first: u32): u32 {
  if (first == HASH) {
    const record = findLine(table, hash(at, feed - at), feed - at);
    return record != 0 && lineAt(record).kind <= <u8>TYPE ? record : 0;
  }
  let key = wordStart(at, feed);
  if (key == 0) return 0;
  let record = findLine(table, hash(at, key - at), key - at);
  if (record == 0) {
    key = wordStart(at, key - 1);
    if (key == 0) return 0;
    record = findLine(table, hash(at, key - at), key - at);
  }
  return record != 0 && lineAt(record).kind > <u8>TYPE ? record : 0;
}

/** Start of the last word of `[at, end)`; 0: it is longer than any value. */
function wordStart(at: u32, end: u32): u32 {
  const least = end - at > MAX_WORD ? end - MAX_WORD : at;
  let to = end;
  while (to > least) {
    if (load<u8>(to - 1) == BLANK_BYTE) return to;
    to--;
  }
  return 0;
}

/** Address of the first line feed of `[at, end)`; 0: there is none. */
function findFeed(at: u32, end: u32): u32 {
  const feeds = i8x16.splat(LINE_FEED as i8);
  while (at < end) {
    const mask = i8x16.bitmask(i8x16.eq(v128.load(at), feeds));
    if (mask != 0) {
      const feed = at + ctz(mask);
      return feed < end ? feed : 0;
    }
    at += 16;
  }
  return 0;
}
