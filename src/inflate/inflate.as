import { copyMatch } from "./copy";
import { readCounts, readHeader, readRunSizes, readSizes } from "./header";
import {
  BIT_COUNT, BITS, CODE_SHIFT, CODE_SIZE, DISTANCE_LOG, DISTANCE_TABLE, END, HISTORY, IN, IN_END, INVALID, LAST_BLOCK, LITERAL_LOG,
  LITERAL_SHIFT, LITERAL_TABLE, LITERALS, LONGER, LONGEST_CODE, MODE, OUT, OUT_LIMIT, OUT_START, OUTPUT, SIZE, SPECIAL, STORED_LEFT,
  VALUE_SHIFT, WINDOW,
} from "./memory";
import {
  BAD_DISTANCE, BAD_STORED, BAD_SYMBOL, DONE, endBlock, FULL, IN_BLOCK, IN_COUNTS, IN_HEADER, IN_RUN_SIZES, IN_SIZES, IN_STORED,
  IN_STORED_LENGTH, MORE, RUNNING, take,
} from "./state";
import { buildFixedTables } from "./tables";

export { IN, IN_END, INPUT, INPUT_BYTES, OUT, OUT_START, ROOM_BYTES, ROOMS } from "./memory";

/** The fast loop refills its bits twice a turn, with eight bytes read and seven used up at most. */
const FAST_INPUT: u32 = 16;

export function initialize(): void {
  buildFixedTables();
}

/** A room begins a stream of its own: nothing before it can be referred to. Input that is not read stays. */
export function begin(room: u32): void {
  store<u64>(room, 0, BITS);
  store<u32>(room, 0, BIT_COUNT);
  store<u32>(room, IN_HEADER, MODE);
  store<u32>(room, 0, LAST_BLOCK);
  const out = room + OUTPUT + WINDOW;
  store<u32>(room, out, OUT);
  store<u32>(room, out, OUT_START);
  store<u32>(room, out, HISTORY);
}

/**
 * Inflates what stands in INPUT until it is used up (`MORE`), there is no room for more text (`FULL`), the stream has ended or is wrong.
 * The text of this run is `[OUT_START, OUT)`, the input that is not read `[IN, IN_END)`.
 */
export function run(room: u32): u32 {
  let out = load<u32>(room, OUT);
  if (out > room + OUT_LIMIT) {
    const moved = out - WINDOW - (room + OUTPUT);
    memory.copy(room + OUTPUT, out - WINDOW, WINDOW);
    out -= moved;
    store<u32>(room, out, OUT);
    store<u32>(room, max<i32>(load<u32>(room, HISTORY) - moved, room + OUTPUT), HISTORY);
  }
  store<u32>(room, out, OUT_START);
  let status = RUNNING;
  while (status == RUNNING) status = step(room);
  return status;
}

function step(room: u32): u32 {
  switch (load<u32>(room, MODE)) {
    case IN_HEADER:
      return readHeader(room);
    case IN_COUNTS:
      return readCounts(room);
    case IN_RUN_SIZES:
      return readRunSizes(room);
    case IN_SIZES:
      return readSizes(room);
    case IN_STORED_LENGTH:
      return readStoredLength(room);
    case IN_STORED:
      return copyStored(room);
    case IN_BLOCK:
      return readBlock(room);
    default:
      return DONE;
  }
}

function readStoredLength(room: u32): u32 {
  // The rest of the byte is padding.
  take(room, load<u32>(room, BIT_COUNT) & 7);
  const taken = take(room, 32);
  if (taken < 0) return MORE;
  const length = <u32>taken & 0xffff;
  if (length != ((<u32>taken >> 16) ^ 0xffff)) return BAD_STORED;
  store<u32>(room, length, STORED_LEFT);
  store<u32>(room, IN_STORED, MODE);
  return RUNNING;
}

function copyStored(room: u32): u32 {
  let left = load<u32>(room, STORED_LEFT);
  let out = load<u32>(room, OUT);
  // Whole bytes may have been taken in.
  while (left > 0 && load<u32>(room, BIT_COUNT) > 0) {
    store<u8>(out++, <u32>take(room, 8));
    left--;
  }
  const at = load<u32>(room, IN);
  const limit = room + OUT_LIMIT;
  const fits = out > limit ? 0 : limit - out + 1;
  const length = min<u32>(min<u32>(left, load<u32>(room, IN_END) - at), fits);
  memory.copy(out, at, length);
  store<u32>(room, at + length, IN);
  store<u32>(room, out + length, OUT);
  left -= length;
  store<u32>(room, left, STORED_LEFT);
  if (left > 0) return fits == length ? FULL : MORE;
  return endBlock(room);
}

/** Symbols of a block: fast while input and room for text abound, then one by one. */
function readBlock(room: u32): u32 {
  const literals = load<u32>(room, LITERAL_TABLE);
  const distances = load<u32>(room, DISTANCE_TABLE);
  const history = load<u32>(room, HISTORY);
  const inEnd = load<u32>(room, IN_END);
  const limit = room + OUT_LIMIT;
  let bits = load<u64>(room, BITS);
  let count = load<u32>(room, BIT_COUNT);
  let at = load<u32>(room, IN);
  let out = load<u32>(room, OUT);
  let status = RUNNING;
  let atEnd = false;
  if (at + FAST_INPUT <= inEnd) {
    const fastEnd = inEnd - FAST_INPUT;
    while (at <= fastEnd && out <= limit) {
      // Refilled to 56 bits at least: those above `count` are there already, or are those that come next.
      bits |= load<u64>(at) << count;
      at += (63 - count) >> 3;
      count |= 56;
      let entry = load<u32>(literals + ((<u32>bits & ((1 << LITERAL_LOG) - 1)) << 2));
      if (entry & LITERALS) {
        bits >>= entry;
        count -= entry & SIZE;
        store<u16>(out, entry >> VALUE_SHIFT);
        out += (entry >> LITERAL_SHIFT) & 3;
        entry = load<u32>(literals + ((<u32>bits & ((1 << LITERAL_LOG) - 1)) << 2));
        if (entry & LITERALS) {
          bits >>= entry;
          count -= entry & SIZE;
          store<u16>(out, entry >> VALUE_SHIFT);
          out += (entry >> LITERAL_SHIFT) & 3;
          entry = load<u32>(literals + ((<u32>bits & ((1 << LITERAL_LOG) - 1)) << 2));
          if (entry & LITERALS) {
            bits >>= entry;
            count -= entry & SIZE;
            store<u16>(out, entry >> VALUE_SHIFT);
            out += (entry >> LITERAL_SHIFT) & 3;
            continue;
          }
        }
        bits |= load<u64>(at) << count;
        at += (63 - count) >> 3;
        count |= 56;
      }
      if (entry & SPECIAL) {
        if (entry & LONGER) {
          const rest = <u32>(bits >> LITERAL_LOG) & ((1 << (LONGEST_CODE - LITERAL_LOG)) - 1);
          entry = load<u32>(literals + (((entry >> VALUE_SHIFT) + rest) << 2));
        }
        if (entry & (SPECIAL | LITERALS)) {
          bits >>= entry;
          count -= entry & SIZE;
          if (entry & LITERALS) {
            store<u8>(out++, entry >> VALUE_SHIFT);
            continue;
          }
          atEnd = (entry & END) != 0;
          status = BAD_SYMBOL;
          break;
        }
      }
      const length = (entry >> VALUE_SHIFT) + extra(bits, entry);
      bits >>= entry;
      count -= entry & SIZE;
      let back = load<u32>(distances + ((<u32>bits & ((1 << DISTANCE_LOG) - 1)) << 2));
      if (back & SPECIAL) {
        if (back & LONGER) {
          const rest = <u32>(bits >> DISTANCE_LOG) & ((1 << (LONGEST_CODE - DISTANCE_LOG)) - 1);
          back = load<u32>(distances + (((back >> VALUE_SHIFT) + rest) << 2));
        }
        if (back & SPECIAL) {
          status = BAD_SYMBOL;
          break;
        }
      }
      const distance = (back >> VALUE_SHIFT) + extra(bits, back);
      bits >>= back;
      count -= back & SIZE;
      if (distance > out - history) {
        status = BAD_DISTANCE;
        break;
      }
      copyMatch(out, distance, length);
      out += length;
    }
    bits &= (<u64>1 << count) - 1;
  }
  while (status == RUNNING) {
    while (count < 56 && at < inEnd) {
      bits |= (<u64>load<u8>(at++)) << count;
      count += 8;
    }
    if (out > limit) {
      status = FULL;
      break;
    }
    let entry = load<u32>(literals + ((<u32>bits & ((1 << LITERAL_LOG) - 1)) << 2));
    if (entry & LONGER) {
      const rest = <u32>(bits >> LITERAL_LOG) & ((1 << (LONGEST_CODE - LITERAL_LOG)) - 1);
      entry = load<u32>(literals + (((entry >> VALUE_SHIFT) + rest) << 2));
    }
    const size = entry & SIZE;
    if (size > count) {
      status = MORE;
      break;
    }
    if (entry & (SPECIAL | LITERALS)) {
      bits >>= entry;
      count -= size;
      if (entry & LITERALS) {
        store<u16>(out, entry >> VALUE_SHIFT);
        out += (entry >> LITERAL_SHIFT) & 3;
        continue;
      }
      atEnd = (entry & END) != 0;
      status = BAD_SYMBOL;
      break;
    }
    const length = (entry >> VALUE_SHIFT) + extra(bits, entry);
    const after = bits >> entry;
    let back = load<u32>(distances + ((<u32>after & ((1 << DISTANCE_LOG) - 1)) << 2));
    if (back & LONGER) {
      const rest = <u32>(after >> DISTANCE_LOG) & ((1 << (LONGEST_CODE - DISTANCE_LOG)) - 1);
      back = load<u32>(distances + (((back >> VALUE_SHIFT) + rest) << 2));
    }
    const both = size + (back & SIZE);
    if (both > count) {
      status = MORE;
      break;
    }
    if (back & INVALID) {
      status = BAD_SYMBOL;
      break;
    }
    const distance = (back >> VALUE_SHIFT) + extra(after, back);
    bits = after >> back;
    count -= both;
    if (distance > out - history) {
      status = BAD_DISTANCE;
      break;
    }
    copyMatch(out, distance, length);
    out += length;
  }
  store<u64>(room, bits, BITS);
  store<u32>(room, count, BIT_COUNT);
  store<u32>(room, at, IN);
  store<u32>(room, out, OUT);
  return atEnd ? endBlock(room) : status;
}

/** The extra bits of the symbol that `entry` is of, which stand behind its code. */
// @ts-ignore: decorator
@inline
function extra(bits: u64, entry: u32): u32 {
  return <u32>(bits & ~(<u64>-1 << entry)) >> ((entry >> CODE_SHIFT) & CODE_SIZE);
}
