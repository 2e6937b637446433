import { CACHE, CHAIN, GRAMS, TEXT_A, TEXT_B } from "./memory";
import { lineAt, stepsOf, textAt } from "./records";

// A record's text begins with the first `headBytes` of its base, the text it is a delta of. Steps
// make the rest; each is a literal, and then a piece of the base:
//
//   0 bytes of the literal (u8) · 1 bytes of the piece (u16) · 3 its offset in the base (u16)
//   5 the literal

const PIECE: u32 = 1;
const FROM: u32 = 3;
const LITERAL: u32 = 5;
/** Shortest piece worth a step of five bytes. */
const MIN_PIECE: u32 = 6;
const MAX_LITERAL: u32 = 0xff;
/** Where so few bytes differ, shared pieces among them are not worth a search. */
const MAX_BETWEEN: u32 = 16;
const GRAM_SLOTS: u32 = 2048;

export let lastRecord: u32 = 0;
export let lastText: u32 = 0;

/** `text` holds the text of `record`, until the next call. 0: no text is in memory. */
// @ts-ignore: decorator
@inline
export function remember(record: u32, text: u32): void {
  lastRecord = record;
  lastText = text;
}

/** Copies 16 bytes at a time, and so up to 15 past the end. */
// @ts-ignore: decorator
@inline
export function copy(to: u32, from: u32, length: u32): void {
  for (let at: u32 = 0; at < length; at += 16) {
    v128.store(to + at, v128.load(from + at));
  }
}

/** Writes the text of `record` to `to` and up to 63 bytes past it. Returns its end. */
export function writeText(record: u32, to: u32): u32 {
  const told = textAt(record).base;
  return applySteps(record, told == 0 || told == lastRecord ? lastText : textOf(told), to);
}

function applySteps(record: u32, other: u32, to: u32): u32 {
  const end = to + textAt(record).textBytes;
  putText(record + stepsOf(lineAt(record).kind), textAt(record).headBytes, other, to, end);
  return end;
}

/** Writes the text `[start, end)` and up to 63 bytes past it. */
// @ts-ignore: decorator
@inline
export function putText(steps: u32, head: u32, other: u32, start: u32, end: u32): void {
  let step = steps;
  let to = start;
  copy64(to, other);
  if (head > 64) {
    for (let at: u32 = 64; at < head; at += 64) copy64(to + at, other + at);
  }
  to += head;
  while (to < end) {
    const literal: u32 = load<u8>(step);
    const piece: u32 = load<u16>(step, PIECE);
    const from = other + load<u16>(step, FROM);
    v128.store(to, v128.load(step, LITERAL));
    if (literal > 16) {
      for (let at: u32 = 16; at < literal; at += 16) {
        v128.store(to + at, v128.load(step + at, LITERAL));
      }
    }
    to += literal;
    step += LITERAL + literal;
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    if (piece > 32) {
      for (let at: u32 = 32; at < piece; at += 64) copy64(to + at, from + at);
    }
    to += piece;
  }
}

// @ts-ignore: decorator
@inline
function copy64(to: u32, from: u32): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  v128.store(to, v128.load(from, 32), 32);
  v128.store(to, v128.load(from, 48), 48);
}

/**
 * Builds the text of `record` from the text in memory, or from one that is stored whole. Returns
 * its address, valid until the next call.
 */
export function textOf(record: u32): u32 {
  let depth: u32 = 0;
  let at = record;
  while (at != lastRecord && at != 0) {
    store<u32>(CHAIN + (depth << 2), at);
    depth++;
    at = textAt(at).base;
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

/** Bytes that the text written last shares with the start of its base. */
export let head: u32 = 0;

/**
 * Writes the steps that turn `other` into `text` to `to`, sets `head` and returns their end. Most
 * lines differ from the one before in one place, which their two ends give away. For the others the
 * shared pieces are searched, which takes three times as long.
 */
export function writeSteps(text: u32, length: u32, other: u32, otherLength: u32, to: u32): u32 {
  const most = min<u32>(length, otherLength);
  head = commonRun(text, 0, length, other, 0, otherLength);
  const tail = commonTail(text + length, other + otherLength, most - head);
  const between = length - head - tail;
  if (between > MAX_BETWEEN) return searchSteps(text, length, other, otherLength, to);
  return tail >= MIN_PIECE
    ? writeStep(text + head, between, tail, otherLength - tail, to)
    : writeStep(text + head, between + tail, 0, 0, to);
}

function searchSteps(text: u32, length: u32, other: u32, otherLength: u32, to: u32): u32 {
  if (otherLength >= 4) indexGrams(other, otherLength);
  let literal = head;
  let at = head;
  let expected = head;
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
    to = writeStep(text + literal, at - literal, run, from, to);
    at += run;
    expected = from + run;
    literal = at;
  }
  return literal < length ? writeStep(text + literal, length - literal, 0, 0, to) : to;
}

function writeStep(literal: u32, length: u32, piece: u32, from: u32, to: u32): u32 {
  while (length > MAX_LITERAL) {
    to = writeStep(literal, MAX_LITERAL, 0, 0, to);
    literal += MAX_LITERAL;
    length -= MAX_LITERAL;
  }
  store<u8>(to, length);
  store<u16>(to, piece, PIECE);
  store<u16>(to, from, FROM);
  memory.copy(to + LITERAL, literal, length);
  return to + LITERAL + length;
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

/** Keeps a copy of a text: the next one will be a delta of it. */
export function cacheText(record: u32, text: u32, length: u32): void {
  memory.copy(CACHE, text, length);
  remember(record, CACHE);
}
