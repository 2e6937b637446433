import { BIT_COUNT, BITS, IN, IN_END, LAST_BLOCK, MODE } from "./memory";

/** What a stream is at. */
export const IN_HEADER: u32 = 0;
export const IN_STORED_LENGTH: u32 = 1;
export const IN_STORED: u32 = 2;
export const IN_COUNTS: u32 = 3;
export const IN_RUN_SIZES: u32 = 4;
export const IN_SIZES: u32 = 5;
export const IN_BLOCK: u32 = 6;
export const AFTER_END: u32 = 7;

/** What a run came to: inflater.ts has the same numbers. The first is of a step alone. */
export const RUNNING: u32 = 0;
export const MORE: u32 = 1;
export const FULL: u32 = 2;
export const DONE: u32 = 3;
export const BAD_BLOCK: u32 = 4;
export const BAD_STORED: u32 = 5;
export const BAD_SIZES: u32 = 6;
export const BAD_SYMBOL: u32 = 7;
export const BAD_DISTANCE: u32 = 8;

/** The next `size` bits, 32 at most; -1: the input does not have them yet, and nothing is taken. */
export function take(room: u32, size: u32): i64 {
  if (!fill(room, size)) return -1;
  const bits = load<u64>(room, BITS);
  store<u64>(room, bits >> size, BITS);
  store<u32>(room, load<u32>(room, BIT_COUNT) - size, BIT_COUNT);
  return bits & ((<u64>1 << size) - 1);
}

/** Takes in what `size` bits need, and not a byte more. False where the input does not have it. */
export function fill(room: u32, size: u32): bool {
  let count = load<u32>(room, BIT_COUNT);
  let at = load<u32>(room, IN);
  const end = load<u32>(room, IN_END);
  let bits = load<u64>(room, BITS);
  while (count < size && at < end) {
    bits |= (<u64>load<u8>(at++)) << count;
    count += 8;
  }
  store<u64>(room, bits, BITS);
  store<u32>(room, count, BIT_COUNT);
  store<u32>(room, at, IN);
  return count >= size;
}

/** After the last block, whole bytes that were taken in go back in front of what is not read: they are not the stream's. */
export function endBlock(room: u32): u32 {
  if (load<u32>(room, LAST_BLOCK) == 0) {
    store<u32>(room, IN_HEADER, MODE);
    return RUNNING;
  }
  const count = load<u32>(room, BIT_COUNT);
  const at = load<u32>(room, IN) - (count >> 3);
  let bits = load<u64>(room, BITS) >> (count & 7);
  for (let to = at; to < load<u32>(room, IN); to++) {
    store<u8>(to, bits);
    bits >>= 8;
  }
  store<u32>(room, at, IN);
  store<u64>(room, 0, BITS);
  store<u32>(room, 0, BIT_COUNT);
  store<u32>(room, AFTER_END, MODE);
  return DONE;
}
