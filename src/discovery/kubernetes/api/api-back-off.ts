import { backOffMs } from "../../../back-off.ts";
import { SECOND } from "../../../units.ts";
import { type ApiFault, isUnanswered } from "./api-fault.ts";

const FIRST_MS = 100;
/** A server that is back is found within this; a thousand agents come to some 130 connections a second until then. */
const UNREACHABLE_MS = 10 * SECOND;
const LONGEST_MS = 30 * SECOND;
const LONGEST_ASKED_MS = 60 * SECOND;

/**
 * Milliseconds until the API server is asked again after the `failures`-th failure in a row (from 1): half of it fixed, half
 * at random, so that the agents of a cluster do not come all at once. `random` is from [0, 1).
 */
export function apiBackOff(failures: number, fault: ApiFault, random: number): number {
  const longestMs = isUnanswered(fault) ? UNREACHABLE_MS : LONGEST_MS;
  const jittered = backOffMs({ firstMs: FIRST_MS, longestMs, jitter: "half" }, failures, random);
  const asked = Math.min(fault.retryAfterMs ?? 0, LONGEST_ASKED_MS);
  return asked > 0 ? asked + jittered : jittered;
}
