import type { Clock } from "../../clock.ts";
import { SECOND } from "../../units.ts";

/** Less than this is left to the grid: ticks come by that much earlier or later. */
const JUMP_MS = SECOND;

/** Notices when the wall clock was set, or the machine slept: wall time and passed time have parted. */
export class ClockWatch {
  readonly #clock: Clock;
  #offsetMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetMs = clock.now() - clock.monotonic();
  }

  /**
   * Milliseconds the wall clock has jumped since the last call, 0 where it is less than a second: what is slewed adds up
   * only between two calls.
   */
  jump(): number {
    const offsetMs = this.#clock.now() - this.#clock.monotonic();
    const jumpMs = offsetMs - this.#offsetMs;
    this.#offsetMs = offsetMs;
    return Math.abs(jumpMs) < JUMP_MS ? 0 : jumpMs;
  }
}
