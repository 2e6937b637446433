import type { Clock } from "../clock.ts";

/** Another clock whose time of day is shifted: by what a destination says its own is ahead. */
export class ShiftedClock implements Clock {
  readonly #clock: Clock;
  shiftMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now() + this.shiftMs;
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#clock.sleep(ms, signal);
  }
}
