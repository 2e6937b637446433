import { hashKey } from "../../lanes/key-hash.ts";
import { SECOND } from "../../units.ts";

/**
 * When targets are scraped. The ticks of a target are the Unix times `phase + k * interval`, in whole milliseconds. Its phase
 * comes from its key, so its ticks are the same after a restart, and ticks of many targets lie evenly over the interval, in
 * slots: several scrapes that begin together cost much less than as many that each wake the process
 * (docs/decisions/tick-slots.md).
 *
 * A target that is new is not made to wait a whole interval: unless a tick comes within `OPENING_WINDOW_MS` anyway it has an
 * opening scrape within `OPENING_SPREAD_MS`. That one carries the time at which it begins, off the grid (as the first
 * scrape of DataKit does): with the time of the last tick it would claim a value for a moment up to an interval ago.
 */
const PHASE_SEED = 2;
const OPENING_SEED = 3;
const OPENING_SPREAD_MS = 2 * SECOND;
/** Longer than the spread, so that at least a second lies between an opening scrape and the first tick. */
const OPENING_WINDOW_MS = 3 * SECOND;
/** Lengths of a slot: the longest of which at least `SLOTS_AT_LEAST` fit into the interval. Each divides the next. */
const SLOTS_MS = [500, 250, 50, 10];
const SLOTS_AT_LEAST = 20;

/** The tick's time within each interval, in milliseconds, at least 0 and less than the interval. */
export function phaseOf(key: string, intervalMs: number): number {
  const slot = SLOTS_MS.find((slotMs) => slotMs * SLOTS_AT_LEAST <= intervalMs) ?? 1;
  const phase = hashKey(key, PHASE_SEED) % intervalMs;
  return phase - (phase % slot);
}

/** The first tick later than `afterMs`. */
export function tickAfter(afterMs: number, phaseMs: number, intervalMs: number): number {
  return latestTick(afterMs, phaseMs, intervalMs) + intervalMs;
}

/** The last tick not later than `atMs`. */
export function latestTick(atMs: number, phaseMs: number, intervalMs: number): number {
  return Math.floor((atMs - phaseMs) / intervalMs) * intervalMs + phaseMs;
}

/** When a target that is new at `nowMs` begins: at its next tick, or before it off the grid. */
export function openingOf(
  key: string,
  nowMs: number,
  phaseMs: number,
  intervalMs: number,
): { readonly atMs: number; readonly onGrid: boolean } {
  const tick = tickAfter(nowMs, phaseMs, intervalMs);
  if (tick - nowMs <= OPENING_WINDOW_MS) return { atMs: tick, onGrid: true };
  return { atMs: nowMs + (hashKey(key, OPENING_SEED) % OPENING_SPREAD_MS), onGrid: false };
}
