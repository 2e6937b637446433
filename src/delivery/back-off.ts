import { type BackOff, backOffMs } from "../back-off.ts";
import { MINUTE, SECOND } from "../units.ts";

const NORMAL: BackOff = { firstMs: SECOND, longestMs: MINUTE, jitter: "full" };
/** Full jitter may draw zero; a destination that refuses at once would then be asked in a tight loop. */
const SHORTEST = 100;
const SLOW = 30 * SECOND;

/**
 * Milliseconds to wait after the `failures`-th failure in a row (from 1). `normal` is exponential with full jitter, up to
 * 60 s; `slow` is 30 to 60 s at any time. `random` is from [0, 1).
 */
export function destinationBackOff(
  failures: number,
  pace: "normal" | "slow",
  random: number,
): number {
  if (pace === "slow") {
    return SLOW + random * SLOW;
  }
  return Math.max(SHORTEST, backOffMs(NORMAL, failures, random));
}
