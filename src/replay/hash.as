import { KEYS, MASKS } from "./memory";

const PRIME_1: u64 = 0x9e3779b185ebca87;
const PRIME_2: u64 = 0xc2b2ae3d27d4eb4f;
const BATCH: u32 = 1024;

/**
 * Sums of products of neighbouring words, each word with a secret key added (NH of UMAC), and the words themselves, so that
 * a factor of zero hides nothing. Reads up to 32 bytes behind the text.
 */
// @ts-ignore: decorator
@inline
export function hash(start: u32, length: u32): u64 {
  let low = i64x2.splat(length);
  let high = low;
  let at = start;
  let key = KEYS;
  let rest = length;
  while (rest >= 32) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const ka = i32x4.add(a, v128.load(key));
    const kb = i32x4.add(b, v128.load(key, 16));
    low = i64x2.add(low, i64x2.add(i64x2.extmul_low_i32x4_u(ka, kb), a));
    high = i64x2.add(high, i64x2.add(i64x2.extmul_high_i32x4_u(ka, kb), b));
    at += 32;
    key += 32;
    rest -= 32;
    if (key == KEYS + BATCH) {
      key = KEYS;
      low = scramble(low);
      high = scramble(high);
    }
  }
  if (rest > 0) {
    const mask = MASKS + 32 - rest;
    const a = v128.and(v128.load(at), v128.load(mask));
    const b = v128.and(v128.load(at, 16), v128.load(mask, 16));
    const ka = i32x4.add(a, v128.load(key));
    const kb = i32x4.add(b, v128.load(key, 16));
    low = i64x2.add(low, i64x2.add(i64x2.extmul_low_i32x4_u(ka, kb), a));
    high = i64x2.add(high, i64x2.add(i64x2.extmul_high_i32x4_u(ka, kb), b));
  }
  let x = i64x2.extract_lane(low, 0) as u64;
  let y = i64x2.extract_lane(low, 1) as u64;
  x = (x ^ (x >> 32)) * PRIME_1 + rotl<u64>(i64x2.extract_lane(high, 0) as u64, 23);
  y = (y ^ (y >> 32)) * PRIME_2 + rotl<u64>(i64x2.extract_lane(high, 1) as u64, 41);
  x = (x ^ (x >> 29)) * PRIME_2 + rotl<u64>(y ^ (y >> 31), 17) * PRIME_1;
  return x ^ (x >> 32);
}

function scramble(sums: v128): v128 {
  const low = i64x2.extract_lane(sums, 0) as u64;
  const high = i64x2.extract_lane(sums, 1) as u64;
  return i64x2((low ^ (low >> 47)) * PRIME_1, (high ^ (high >> 47)) * PRIME_2);
}
