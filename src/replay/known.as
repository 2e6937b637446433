import { hash } from "./hash";
import { tellFrom } from "./learn";
import {
  addWord, BUDGET, COMMENTS, COUNTERS, END, INFO, LINES, OUT, OUT_LIMIT, POINTS, POSITION, PREDICTED,
  PREVIOUS, SAMPLES, SEEN, SENT, setWord, TABLE, TAIL, TAIL_LENGTH, TAIL_STATUS_LENGTH, TYPES, TYPES_COUNT, TYPES_MAX,
  VALUE_BYTES, word,
} from "./memory";
import { decimalSize, isNan, lineEnd, plainSize, putTime, scanRest, timeStart, valueEnd } from "./rest";
import { declareIn, DROPPED, lastName, nameHoldsIn, rememberName, SINGLE, SINGLE_STEPS, TYPE } from "./table";
import { lastRecord, lastText, putText, remember } from "./text";

const LINE_FEED: u32 = 0x0a;
const MAX_TAIL: u32 = 32;

/**
 * Goes through predicted lines as long as they are comments, dropped samples and points of their own: nearly all of a page.
 * Stops before the first line that is anything else, and where the output is full.
 *
 * What bounds it is the number of instructions (some 200 for a line of 80 bytes), so: what each line changes is in locals, and only
 * for rare lines a function is called, which puts locals into memory; those count in words of the context; nothing is asked that
 * another answer implies. A point is written before it is known whether there is room: there is, for one line behind the limit.
 */
export function replayKnown(): void {
  const tailLength = word(TAIL_LENGTH);
  if (word(TAIL_STATUS_LENGTH) != tailLength || tailLength > MAX_TAIL) return;
  const end = word(END);
  const limit = word(OUT_LIMIT);
  const budget = word(BUDGET);
  const scrape = load<u32>(word(TABLE), 36);
  const mark = (word(INFO) << 16) | (scrape & 0xffff);
  const first = word(PREDICTED);
  const feed = v128.load(VALUE_BYTES);
  const dot = v128.load(VALUE_BYTES, 16);
  const shift = v128.load(VALUE_BYTES, 32);
  const bound = v128.load(VALUE_BYTES, 48);
  let at = word(POSITION);
  let out = word(OUT);
  let record = first;
  let previous: u32 = 0;
  let name = lastName;
  let written = lastRecord;
  let text = lastText;
  let left = budget;
  // Behind the end are bytes of earlier pages: what is found there is refused where its last byte is known.
  while (out < limit) {
    const keyLength: u32 = load<u16>(record, 20);
    const key = at + keyLength;
    if (hash(at, keyLength) != load<u64>(record)) break;
    // Met in this scrape before, or in another info state.
    if ((load<u32>(record, 24) ^ mark) - 1 >= 0xffff) break;
    const kind: u32 = load<u8>(record, 22);
    if (kind > TYPE) {
      if (load<u32>(record, 16) != name) {
        const other = load<u32>(record, 16);
        if (!nameHoldsIn(scrape, other)) break;
        name = other;
      }
      if (left == 0) break;
      const value = v128.load(key);
      const feeds: u32 = i8x16.bitmask(i8x16.eq(value, feed));
      const digits: u32 = i8x16.bitmask(i8x16.lt_s(i8x16.add(value, shift), bound));
      const dots: u32 = i8x16.bitmask(i8x16.eq(value, dot));
      let size = plainSize(feeds, digits, dots);
      let next = key + size + 1;
      let own: u32 = 0;
      if (size == 0) {
        size = decimalSize(key);
        next = key + size + 1;
        if (size == 0) {
          if (!scanRest(key, end) || isNan) break;
          size = valueEnd - key;
          next = lineEnd + 1;
          own = timeStart;
        }
      }
      if (next > end) break;
      if (kind == SINGLE) {
        const told = load<u32>(record, 28);
        if (told != written) {
          if (told != 0) break;
          text = out;
        }
        let to = out + load<u16>(record, 32);
        putText(record + SINGLE_STEPS, load<u16>(record, 34), text, out, to);
        v128.store(to, value);
        if (size > 16) v128.store(to, v128.load(key, 16), 16);
        to += size;
        text = out;
        if (own == 0) {
          v128.store(to, v128.load(TAIL));
          v128.store(to, v128.load(TAIL, 16), 16);
          out = to + tailLength;
        } else {
          out = putTime(to);
        }
        written = record;
      } else if (kind == DROPPED) {
        addWord(COUNTERS + load<u8>(record, 23), 1);
        addWord(POINTS, -1);
        addWord(SENT, -1);
      } else {
        break;
      }
      left--;
      at = next;
    } else {
      if (key >= end || load<u8>(key) != LINE_FEED) break;
      if (kind == TYPE) {
        const count = word(TYPES_COUNT);
        if (count == TYPES_MAX) break;
        store<u32>(TYPES + (count << 2), record);
        setWord(TYPES_COUNT, count + 1);
        declareIn(scrape, load<u32>(record, 16), load<u8>(record, 23));
        name = 0;
      }
      addWord(COMMENTS, 1);
      addWord(LINES, 1);
      addWord(SEEN, 1);
      at = key + 1;
    }
    store<u16>(record, scrape, 24);
    previous = record;
    record = load<u32>(record, 8);
  }
  if (previous == 0) return;
  const samples = budget - left;
  store<u32>(word(PREVIOUS), first, 8);
  setWord(PREVIOUS, previous);
  setWord(PREDICTED, record);
  setWord(POSITION, at);
  setWord(OUT, out);
  setWord(BUDGET, left);
  addWord(LINES, samples);
  addWord(SEEN, samples);
  addWord(SAMPLES, samples);
  addWord(POINTS, samples);
  addWord(SENT, samples);
  rememberName(name);
  if (written != lastRecord) {
    remember(written, text);
    tellFrom(written);
  }
}
