import { KEYS, MASKS } from "./memory";

const PRIME_1: u64 = 0x9e3779b185ebca87;
const PRIME_2: u64 = 0xc2b2ae3d27d4eb4f;
const BATCH: u32 = 1024;

/**
 * NH of UMAC: adds a secret key to each word and sums the products of neighbouring words. The last
 * block of 32 bytes overlaps the one before it; only a text shorter than a block is masked. Reads
 * up to 32 bytes past the text.
 */
// @ts-ignore: decorator
@inline
export function hash(start: u32, length: u32): u64 {
  let low: v128;
  let high: v128;
  if (length < 32) {
    const mask = MASKS + 32 - length;
    const a = i32x4.add(v128.and(v128.load(start), v128.load(mask)), v128.load(KEYS));
    const b = i32x4.add(v128.and(v128.load(start, 16), v128.load(mask, 16)), v128.load(KEYS, 16));
    low = i64x2.extmul_low_i32x4_u(a, b);
    high = i64x2.extmul_high_i32x4_u(a, b);
  } else {
    const last = start + length - 32;
    const a = i32x4.add(v128.load(start), v128.load(KEYS));
    const b = i32x4.add(v128.load(start, 16), v128.load(KEYS, 16));
    const c = i32x4.add(v128.load(last), v128.load(KEYS, 32));
    const d = i32x4.add(v128.load(last, 16), v128.load(KEYS, 48));
    low = i64x2.add(i64x2.extmul_low_i32x4_u(a, b), i64x2.extmul_low_i32x4_u(c, d));
    high = i64x2.add(i64x2.extmul_high_i32x4_u(a, b), i64x2.extmul_high_i32x4_u(c, d));
    if (length > 64) {
      let at = start + 32;
      let key = KEYS + 64;
      do {
        const a = i32x4.add(v128.load(at), v128.load(key));
        const b = i32x4.add(v128.load(at, 16), v128.load(key, 16));
        low = i64x2.add(low, i64x2.extmul_low_i32x4_u(a, b));
        high = i64x2.add(high, i64x2.extmul_high_i32x4_u(a, b));
        at += 32;
        key += 32;
        if (key == KEYS + BATCH) {
          key = KEYS;
          low = scramble(low);
          high = scramble(high);
        }
      } while (at < last);
    }
  }
  const sums = i64x2.add(low, high);
  const x =
    (i64x2.extract_lane(sums, 0) as u64) * PRIME_1 +
    rotl<u64>(i64x2.extract_lane(sums, 1), 29) +
    length;
  return x ^ (x >> 32);
}

function scramble(sums: v128): v128 {
  const low = i64x2.extract_lane(sums, 0) as u64;
  const high = i64x2.extract_lane(sums, 1) as u64;
  return i64x2((low ^ (low >> 47)) * PRIME_1, (high ^ (high >> 47)) * PRIME_2);
}
