import {
  BIT_COUNT, BITS, DISTANCE_LOG, DISTANCE_SIZES, DISTANCE_TABLE, FIXED_DISTANCES, FIXED_LITERALS, LAST_BLOCK, LITERAL_LOG,
  LITERAL_SIZES, LITERAL_TABLE, MODE, OWN_DISTANCES, OWN_LITERALS, RUN_CODE_SIZES, RUN_SIZES, RUN_TABLE, SIZE, SIZES, SIZES_READ,
  VALUE_SHIFT,
} from "./memory";
import {
  BAD_BLOCK, BAD_SIZES, fill, IN_BLOCK, IN_COUNTS, IN_RUN_SIZES, IN_SIZES, IN_STORED_LENGTH, MORE, RUNNING, take,
} from "./state";
import { buildTable, OF_DISTANCES, OF_LITERALS, OF_SIZES } from "./tables";

const STORED: u32 = 0;
const FIXED: u32 = 1;
const DYNAMIC: u32 = 2;
const RUN_LOG: u32 = 7;
const RUN_SYMBOLS: u32 = 19;
/** A code for a size, and the most extra bits behind one. */
const RUN_BITS: u32 = 14;
const END_OF_BLOCK: u32 = 256;

export function readHeader(room: u32): u32 {
  const header = take(room, 3);
  if (header < 0) return MORE;
  store<u32>(room, <u32>header & 1, LAST_BLOCK);
  switch (<u32>header >> 1) {
    case STORED:
      store<u32>(room, IN_STORED_LENGTH, MODE);
      return RUNNING;
    case FIXED:
      store<u32>(room, FIXED_LITERALS, LITERAL_TABLE);
      store<u32>(room, FIXED_DISTANCES, DISTANCE_TABLE);
      store<u32>(room, IN_BLOCK, MODE);
      return RUNNING;
    case DYNAMIC:
      store<u32>(room, IN_COUNTS, MODE);
      return RUNNING;
    default:
      return BAD_BLOCK;
  }
}

export function readCounts(room: u32): u32 {
  const counts = take(room, 14);
  if (counts < 0) return MORE;
  const literals = (<u32>counts & 31) + 257;
  const distances = (<u32>counts >> 5 & 31) + 1;
  if (literals > 286 || distances > 30) return BAD_SIZES;
  store<u32>(room, literals, LITERAL_SIZES);
  store<u32>(room, distances, DISTANCE_SIZES);
  store<u32>(room, (<u32>counts >> 10) + 4, RUN_SIZES);
  store<u32>(room, 0, SIZES_READ);
  memory.fill(room + RUN_CODE_SIZES, 0, RUN_SYMBOLS);
  store<u32>(room, IN_RUN_SIZES, MODE);
  return RUNNING;
}

export function readRunSizes(room: u32): u32 {
  let read = load<u32>(room, SIZES_READ);
  const all = load<u32>(room, RUN_SIZES);
  while (read < all) {
    const size = take(room, 3);
    if (size < 0) {
      store<u32>(room, read, SIZES_READ);
      return MORE;
    }
    store<u8>(room + RUN_CODE_SIZES + sentAt(read++), <u32>size);
  }
  if (!buildTable(OF_SIZES, room + RUN_CODE_SIZES, RUN_SYMBOLS, room + RUN_TABLE, RUN_LOG)) return BAD_SIZES;
  store<u32>(room, 0, SIZES_READ);
  store<u32>(room, IN_SIZES, MODE);
  return RUNNING;
}

/** Symbol whose size stands at `place` in the order in which they are sent (RFC 1951, 3.2.7). */
function sentAt(place: u32): u32 {
  if (place < 3) return 16 + place;
  if (place == 3) return 0;
  return (place & 1) == 0 ? 8 + ((place - 4) >> 1) : 7 - ((place - 5) >> 1);
}

/** Sizes of the codes of literals and distances, as runs. */
export function readSizes(room: u32): u32 {
  const literals = load<u32>(room, LITERAL_SIZES);
  const distances = load<u32>(room, DISTANCE_SIZES);
  const all = literals + distances;
  const sizes = room + SIZES;
  let read = load<u32>(room, SIZES_READ);
  while (read < all) {
    fill(room, RUN_BITS);
    const bits = <u32>load<u64>(room, BITS);
    const entry = load<u32>(room + RUN_TABLE + ((bits & ((1 << RUN_LOG) - 1)) << 2));
    const symbol = entry >> VALUE_SHIFT;
    const size = entry & SIZE;
    const extra: u32 = symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
    if (size + extra > load<u32>(room, BIT_COUNT)) {
      store<u32>(room, read, SIZES_READ);
      return MORE;
    }
    take(room, size + extra);
    if (symbol < 16) {
      store<u8>(sizes + read++, symbol);
      continue;
    }
    const run = (bits >> size & ((1 << extra) - 1)) + (symbol == 18 ? 11 : 3);
    if (read + run > all || (symbol == 16 && read == 0)) return BAD_SIZES;
    memory.fill(sizes + read, symbol == 16 ? load<u8>(sizes + read - 1) : 0, run);
    read += run;
  }
  if (load<u8>(sizes + END_OF_BLOCK) == 0) return BAD_SIZES;
  if (!buildTable(OF_LITERALS, sizes, literals, room + OWN_LITERALS, LITERAL_LOG)) return BAD_SIZES;
  if (!buildTable(OF_DISTANCES, sizes + literals, distances, room + OWN_DISTANCES, DISTANCE_LOG)) return BAD_SIZES;
  store<u32>(room, room + OWN_LITERALS, LITERAL_TABLE);
  store<u32>(room, room + OWN_DISTANCES, DISTANCE_TABLE);
  store<u32>(room, IN_BLOCK, MODE);
  return RUNNING;
}
