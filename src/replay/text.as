import { CACHE, CHAIN, GRAMS, TEXT_A, TEXT_B } from "./memory";

// A record's text is told from that of the record before it, by steps:
//
//   0x00-0x7f   that many bytes follow
//   0x80-0xff   with the next byte, length of a piece of the other text (15 bits, high first); its offset follows (u16)

/** A piece costs four bytes. */
const MIN_PIECE: u32 = 6;
/** Pieces within so few bytes save little. */
const MAX_BETWEEN: u32 = 16;
const GRAM_SLOTS: u32 = 2048;

let lastRecord: u32 = 0;
let lastText: u32 = 0;

/** The text of `record` is at `text` until further notice; 0: no text is at hand. */
// @ts-ignore: decorator
@inline
export function remember(record: u32, text: u32): void {
  lastRecord = record;
  lastText = text;
}

/** Copies 16 bytes at a time, up to 15 too many. */
// @ts-ignore: decorator
@inline
export function copy(to: u32, from: u32, length: u32): void {
  for (let at: u32 = 0; at < length; at += 16) {
    v128.store(to + at, v128.load(from + at));
  }
}

/** Writes the text of `record` to `to`, up to 15 bytes too many, and answers its end. */
// @ts-ignore: decorator
@inline
export function writeText(record: u32, to: u32): u32 {
  const told = load<u32>(record, 28);
  return applySteps(record, told == 0 || told == lastRecord ? lastText : textOf(told), to);
}

// @ts-ignore: decorator
@inline
function applySteps(record: u32, other: u32, to: u32): u32 {
  let at = record + 44;
  const end = at + load<u16>(record, 34);
  while (at < end) {
    const step: u32 = load<u8>(at);
    if (step < 0x80) {
      copy(to, at + 1, step);
      to += step;
      at += 1 + step;
    } else {
      const length = ((step & 0x7f) << 8) | load<u8>(at, 1);
      copy(to, other + load<u16>(at, 2), length);
      to += length;
      at += 4;
    }
  }
  return to;
}

/** Where the text of `record` is, put together from a text that is at hand or told from nothing. Until the next call. */
export function textOf(record: u32): u32 {
  let depth: u32 = 0;
  let at = record;
  while (at != lastRecord && at != 0) {
    store<u32>(CHAIN + (depth << 2), at);
    depth++;
    at = load<u32>(at, 28);
  }
  let text = at == 0 ? 0 : lastText;
  let to = text == TEXT_A ? TEXT_B : TEXT_A;
  while (depth > 0) {
    depth--;
    applySteps(load<u32>(CHAIN + (depth << 2)), text, to);
    text = to;
    to = text == TEXT_A ? TEXT_B : TEXT_A;
  }
  return text;
}

/**
 * Writes the steps that tell `text` from `other` to `to` and answers their end. Most lines differ from the one before in one
 * place, which their ends show; else the pieces they share are searched, which takes three times as long.
 */
export function writeSteps(text: u32, length: u32, other: u32, otherLength: u32, to: u32): u32 {
  const most = min<u32>(length, otherLength);
  const head = commonRun(text, 0, length, other, 0, otherLength);
  const tail = commonTail(text + length, other + otherLength, most - head);
  const between = length - head - tail;
  if (between > MAX_BETWEEN) return searchSteps(text, length, other, otherLength, to);
  if (head >= MIN_PIECE) {
    to = writePiece(head, 0, to);
  } else {
    to = writeLiteral(text, head, to);
  }
  to = writeLiteral(text + head, between, to);
  return tail >= MIN_PIECE
    ? writePiece(tail, otherLength - tail, to)
    : writeLiteral(text + length - tail, tail, to);
}

function searchSteps(text: u32, length: u32, other: u32, otherLength: u32, to: u32): u32 {
  if (otherLength >= 4) indexGrams(other, otherLength);
  let literal: u32 = 0;
  let at: u32 = 0;
  let expected: u32 = 0;
  while (at < length) {
    let from = expected;
    let run: u32 = 0;
    if (otherLength >= 4 && at + 4 <= length) {
      run = commonRun(text, at, length, other, from, otherLength);
      if (run < MIN_PIECE) {
        from = load<u16>(gramSlot(load<u32>(text + at)));
        run = commonRun(text, at, length, other, from, otherLength);
      }
    }
    if (run < MIN_PIECE) {
      at++;
      expected++;
      continue;
    }
    to = writeLiteral(text + literal, at - literal, to);
    to = writePiece(run, from, to);
    at += run;
    expected = from + run;
    literal = at;
  }
  return writeLiteral(text + literal, at - literal, to);
}

// @ts-ignore: decorator
@inline
function writePiece(length: u32, from: u32, to: u32): u32 {
  store<u8>(to, 0x80 | (length >> 8), 0);
  store<u8>(to, length & 0xff, 1);
  store<u16>(to, from, 2);
  return to + 4;
}

function writeLiteral(from: u32, length: u32, to: u32): u32 {
  while (length > 0) {
    const piece = min<u32>(length, 0x7f);
    store<u8>(to, piece);
    memory.copy(to + 1, from, piece);
    to += 1 + piece;
    from += piece;
    length -= piece;
  }
  return to;
}

function commonRun(text: u32, at: u32, length: u32, other: u32, from: u32, otherLength: u32): u32 {
  if (from >= otherLength) return 0;
  const most = min<u32>(length - at, otherLength - from);
  let run: u32 = 0;
  while (run + 8 <= most) {
    const differs = load<u64>(text + at + run) ^ load<u64>(other + from + run);
    if (differs != 0) return run + ((ctz(differs) >> 3) as u32);
    run += 8;
  }
  while (run < most && load<u8>(text + at + run) == load<u8>(other + from + run)) run++;
  return run;
}

/** How many of the `most` bytes before the two ends are equal. */
function commonTail(end: u32, otherEnd: u32, most: u32): u32 {
  let run: u32 = 0;
  while (run + 8 <= most) {
    const differs = load<u64>(end - run - 8) ^ load<u64>(otherEnd - run - 8);
    if (differs != 0) return run + ((clz(differs) >> 3) as u32);
    run += 8;
  }
  while (run < most && load<u8>(end - run - 1) == load<u8>(otherEnd - run - 1)) run++;
  return run;
}

function indexGrams(other: u32, length: u32): void {
  memory.fill(GRAMS, 0, GRAM_SLOTS << 1);
  for (let at = length - 3; at > 0; at--) {
    store<u16>(gramSlot(load<u32>(other + at - 1)), at - 1);
  }
}

// @ts-ignore: decorator
@inline
function gramSlot(gram: u32): u32 {
  return GRAMS + (((gram * 0x9e3779b1) >>> 21) << 1);
}

/** Keeps a copy of a text that will be told from next. */
export function cacheText(record: u32, text: u32, length: u32): void {
  memory.copy(CACHE, text, length);
  remember(record, CACHE);
}
