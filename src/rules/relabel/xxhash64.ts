// xxHash64 with seed 0 (xxhash.com, "XXH64 algorithm description"), the hash of vmagent's
// `hashmod`. Written for short texts and few calls: BigInt, not speed.

const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;
const STRIPE_BYTES = 32;

const encoder = new TextEncoder();

/** Of the UTF-8 bytes of the text; 64 bits. */
export function xxhash64(text: string): bigint {
  const bytes = encoder.encode(text);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [start, at] = stripes(view);
  return avalanche(tail(u64(start + BigInt(bytes.length)), view, at));
}

/** The accumulator after all whole stripes, and where the rest begins. */
function stripes(view: DataView): readonly [hash: bigint, at: number] {
  if (view.byteLength < STRIPE_BYTES) {
    return [PRIME_5, 0];
  }
  const lanes = [u64(PRIME_1 + PRIME_2), PRIME_2, 0n, u64(-PRIME_1)];
  let at = 0;
  for (; at + STRIPE_BYTES <= view.byteLength; at += STRIPE_BYTES) {
    for (const [index, lane] of lanes.entries()) {
      lanes[index] = round(lane, view.getBigUint64(at + 8 * index, true));
    }
  }
  const turns = [1n, 7n, 12n, 18n];
  let hash = u64(lanes.reduce((sum, lane, index) => sum + rotate(lane, turns[index] ?? 0n), 0n));
  for (const lane of lanes) {
    hash = u64((hash ^ round(0n, lane)) * PRIME_1 + PRIME_4);
  }
  return [hash, at];
}

function tail(start: bigint, view: DataView, from: number): bigint {
  let hash = start;
  let at = from;
  for (; at + 8 <= view.byteLength; at += 8) {
    hash ^= round(0n, view.getBigUint64(at, true));
    hash = u64(rotate(hash, 27n) * PRIME_1 + PRIME_4);
  }
  if (at + 4 <= view.byteLength) {
    hash ^= u64(BigInt(view.getUint32(at, true)) * PRIME_1);
    hash = u64(rotate(hash, 23n) * PRIME_2 + PRIME_3);
    at += 4;
  }
  for (; at < view.byteLength; at++) {
    hash ^= u64(BigInt(view.getUint8(at)) * PRIME_5);
    hash = u64(rotate(hash, 11n) * PRIME_1);
  }
  return hash;
}

function avalanche(hash: bigint): bigint {
  const first = u64((hash ^ (hash >> 33n)) * PRIME_2);
  const second = u64((first ^ (first >> 29n)) * PRIME_3);
  return second ^ (second >> 32n);
}

function round(lane: bigint, input: bigint): bigint {
  return u64(rotate(u64(lane + input * PRIME_2), 31n) * PRIME_1);
}

function rotate(value: bigint, bits: bigint): bigint {
  return u64((value << bits) | (value >> (64n - bits)));
}

function u64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
