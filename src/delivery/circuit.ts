import type { Clock } from "../clock.ts";
import { destinationBackOff } from "./back-off.ts";

/**
 * When a destination may be asked again. While it is well, as often as one likes; after a failure, one probe at a time, each after
 * a back-off; one answer and all is well again.
 *
 * Several requests under way fail together when a destination goes down. They are one failure: each request remembers the round
 * it began in, and only the first failure of a round counts.
 */
export class Circuit {
  readonly #clock: Clock;
  readonly #random: () => number;
  #round = 0;
  #failures = 0;
  #notBefore = 0;
  #asked = false;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  get round(): number {
    return this.#round;
  }

  /** In a row. */
  get failures(): number {
    return this.#failures;
  }

  /** Milliseconds until the next request may start; 0: now. */
  get waitMs(): number {
    return Math.max(0, this.#notBefore - this.#clock.monotonic());
  }

  /** A request of that round got an answer. True when that ends a time of failing. */
  answered(round: number): boolean {
    if (this.#failures === 0 || round !== this.#round) {
      return false;
    }
    this.#failures = 0;
    this.#notBefore = 0;
    return true;
  }

  /** A request of that round failed. `afterMs`: what the destination asked us to wait at least. */
  failed(round: number, pace: "normal" | "slow", afterMs: number | undefined): void {
    const now = this.#clock.monotonic();
    if (round === this.#round) {
      this.#round += 1;
      this.#failures += 1;
      this.#asked = false;
      this.#notBefore = now + destinationBackOff(this.#failures, pace, this.#random());
    }
    if (afterMs !== undefined) {
      this.#asked = true;
      this.#notBefore = Math.max(this.#notBefore, now + afterMs);
    }
  }

  /** Ends a wait that the destination did not ask for: there will be no better time. */
  hurry(): void {
    if (!this.#asked) {
      this.#notBefore = 0;
    }
  }
}
