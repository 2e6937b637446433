import type { Clock } from "../src/clock.ts";

/** A clock that a test moves by hand. Sleepers wake when their time has come or their signal aborts. */
export class ManualClock implements Clock {
  #ms: number;
  readonly #sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>();
  #slept: (() => void)[] = [];

  constructor(startMs = 1_700_000_000_000) {
    this.#ms = startMs;
  }

  now(): number {
    return this.#ms;
  }

  monotonic(): number {
    return this.#ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const sleeper = {
        untilMs: this.#ms + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", sleeper.wake, { once: true });
      for (const told of this.#slept.splice(0)) {
        told();
      }
    });
  }

  /** Resolves once somebody sleeps: what runs has come to rest. */
  asleep(): Promise<void> {
    return this.#sleepers.size > 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#slept.push(resolve);
        });
  }

  advance(ms: number): void {
    this.#ms += ms;
    for (const sleeper of [...this.#sleepers]) {
      if (sleeper.untilMs <= this.#ms) {
        sleeper.wake();
      }
    }
  }
}
