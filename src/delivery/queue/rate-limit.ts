import type { Clock } from "../../clock.ts";
import { SECOND } from "../../units.ts";

/** So many bytes in a second, on average, one after the other. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #bytesPerSecond: number;
  #freeAt = 0;

  /** 0 bytes per second: no limit. */
  constructor(clock: Clock, bytesPerSecond: number) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Waits until it is the turn of so many bytes. */
  async pass(bytes: number, signal: AbortSignal): Promise<void> {
    if (this.#bytesPerSecond === 0) {
      return;
    }
    const now = this.#clock.monotonic();
    const wait = this.#freeAt - now;
    this.#freeAt = Math.max(now, this.#freeAt) + (bytes / this.#bytesPerSecond) * SECOND;
    if (wait > 0) {
      await this.#clock.sleep(wait, signal);
    }
  }
}
