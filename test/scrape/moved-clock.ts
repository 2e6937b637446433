import type { Clock } from "../../src/clock.ts";

/** A clock that stands until it is moved. */
export class MovedClock implements Clock {
  #ms = 0;

  now(): number {
    return this.#ms;
  }

  monotonic(): number {
    return this.#ms;
  }

  async sleep(): Promise<void> {
    // Nothing here waits.
  }

  move(ms: number): void {
    this.#ms += ms;
  }
}
