import type { Scale } from "../workload/workload.ts";

/** How runs are made. Times in seconds. */
export interface RunSettings {
  readonly scale: Scale;
  readonly seed: number;
  readonly runs: number;
  /** From the start of the process to the start of the window, which begins at least one interval after every target was scraped. */
  readonly warmUp: number;
  /** Rounded up to whole intervals of the slowest part, at least two. */
  readonly window: number;
  /** After the window, for what is still on its way. */
  readonly drain: number;
}

export const FULL_SETTINGS: RunSettings = {
  scale: "full",
  seed: 1,
  runs: 3,
  warmUp: 60,
  window: 40,
  drain: 30,
};

export const SMOKE_SETTINGS: RunSettings = {
  scale: "smoke",
  seed: 1,
  runs: 1,
  warmUp: 1,
  window: 2,
  drain: 15,
};
