import { hashKey } from "./key-hash.ts";

const LANE_SEED = 1;

/**
 * Which of `lanes` lanes a target runs in, from 0: the one that its key draws the highest number with ("rendezvous hashing", Thaler and
 * Ravishankar 1998). With a lane more only the targets that draw highest with the new one move, with a lane fewer only those of
 * the last one.
 */
export function homeOf(key: string, lanes: number): number {
  if (lanes === 1) return 0;
  const hash = hashKey(key, LANE_SEED);
  let home = 0;
  let highest = -1;
  for (let lane = 0; lane < lanes; lane++) {
    const drawn = draw(hash, lane);
    if (drawn > highest) {
      highest = drawn;
      home = lane;
    }
  }
  return home;
}

/** MurmurHash3's finalizer over both, which is a bijection of the hash for each lane. */
function draw(hash: number, lane: number): number {
  let mixed = hash ^ Math.imul(lane + 1, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
