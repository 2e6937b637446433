import { hash } from "./hash";
import { tellFrom } from "./learn";
import {
  addWord, BUDGET, COMMENTS, COUNTERS, DIGIT_BOUND, DIGIT_SHIFT, DOTS, END, FEEDS, INFO, LINES, OUT,
  OUT_LIMIT, POINTS, POSITION, PREDICTED, PREVIOUS, SAMPLES, SEEN, SENT, setWord, TABLE, TAIL,
  TAIL_LENGTH, TAIL_STATUS_LENGTH, TYPES, TYPES_COUNT, TYPES_MAX, word,
} from "./memory";
import {
  DROPPED, lineAt, LineRecord, SINGLE, SINGLE_STEPS, tableAt, textAt, TYPE,
} from "./records";
import {
  decimalSize, isNan, lineEnd, plainSize, putTime, scanRest, timeStart, valueEnd,
} from "./rest";
import { declareIn, lastName, nameHoldsIn, rememberName } from "./table";
import { lastRecord, lastText, putText, remember } from "./text";

const LINE_FEED: u32 = 0x0a;
/** Both in one word: the scrape in its low half. */
const SEEN_AND_INFO: u32 = offsetof<LineRecord>("seen");
const MAX_TAIL: u32 = 32;

/**
 * Replays predicted lines as long as they are comments, dropped samples and whole points: nearly
 * all of a page. Stops before the first line of any other kind, and when the output is full.
 *
 * The number of instructions bounds its speed (some 200 for a line of 80 bytes). Therefore locals
 * hold what every line changes. A call spills them into memory, so only rare lines make one, and
 * rare lines count in words of the context. No check repeats what another one implies. A point is
 * written before the limit is checked: there is room for one line past it.
 */
export function replayKnown(): void {
  const tailLength = word(TAIL_LENGTH);
  if (word(TAIL_STATUS_LENGTH) != tailLength || tailLength > MAX_TAIL) return;
  const end = word(END);
  const limit = word(OUT_LIMIT);
  const budget = word(BUDGET);
  const scrape = tableAt(word(TABLE)).scrape;
  const mark = (word(INFO) << 16) | (scrape & 0xffff);
  const first = word(PREDICTED);
  const feed = v128.load(FEEDS);
  const dot = v128.load(DOTS);
  const shift = v128.load(DIGIT_SHIFT);
  const bound = v128.load(DIGIT_BOUND);
  let at = word(POSITION);
  let out = word(OUT);
  let record = first;
  let previous: u32 = 0;
  let name = lastName;
  let written = lastRecord;
  let text = lastText;
  let left = budget;
  // Past the end lie bytes of earlier pages. A line that reaches there is refused once its end is
  // known.
  while (out < limit) {
    const keyLength: u32 = lineAt(record).keyBytes;
    const key = at + keyLength;
    if (hash(at, keyLength) != lineAt(record).hash) break;
    // The line came in this scrape before, or the info state is another one.
    if ((load<u32>(record, SEEN_AND_INFO) ^ mark) - 1 >= 0xffff) break;
    const kind: u32 = lineAt(record).kind;
    if (kind > TYPE) {
      if (lineAt(record).name != name) {
        const other = lineAt(record).name;
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
        const told = textAt(record).base;
        if (told != written) {
          if (told != 0) break;
          text = out;
        }
        let to = out + textAt(record).textBytes;
        putText(record + SINGLE_STEPS, textAt(record).headBytes, text, out, to);
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
        addWord(COUNTERS + lineAt(record).extra, 1);
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
        declareIn(scrape, lineAt(record).name, lineAt(record).extra);
        name = 0;
      }
      addWord(COMMENTS, 1);
      addWord(LINES, 1);
      addWord(SEEN, 1);
      at = key + 1;
    }
    lineAt(record).seen = scrape as u16;
    previous = record;
    record = lineAt(record).next;
  }
  if (previous == 0) return;
  const samples = budget - left;
  lineAt(word(PREVIOUS)).next = first;
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
