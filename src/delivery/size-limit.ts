import type { Clock } from "../clock.ts";
import { HOUR } from "../units.ts";

/** A limit can be raised on the other side, so what was learnt about it is forgotten after this. */
const REMEMBERED = HOUR;

/**
 * What size of body a destination takes, learnt from its answers 413, so that the next body is cut before it is refused. In
 * bytes of line protocol; some servers count compressed bytes, for which this is near enough, since the text is alike.
 */
export class SizeLimit {
  readonly #clock: Clock;
  readonly #configured: number;
  #refused = Number.POSITIVE_INFINITY;
  #refusedAt = 0;
  #passed = 0;

  constructor(configured: number, clock: Clock) {
    this.#configured = configured;
    this.#clock = clock;
  }

  /** The largest body worth sending. */
  get bytes(): number {
    if (this.#clock.monotonic() - this.#refusedAt > REMEMBERED) {
      this.#refused = Number.POSITIVE_INFINITY;
      this.#passed = 0;
    }
    if (this.#refused > this.#configured) {
      return this.#configured;
    }
    // Between what passed and what was refused nobody knows: half of the latter is tried where nothing passed yet.
    return Math.max(1, this.#passed, Math.floor(this.#refused / 2));
  }

  passed(bytes: number): void {
    this.#passed = Math.max(this.#passed, bytes);
    if (bytes >= this.#refused) {
      this.#refused = bytes + 1;
    }
  }

  refused(bytes: number): void {
    if (bytes < this.#refused || this.#refused > this.#configured) {
      this.#refused = bytes;
    }
    this.#refusedAt = this.#clock.monotonic();
    this.#passed = Math.min(this.#passed, Math.floor(bytes / 2));
  }
}
