import { SECOND } from "./units.ts";

/** GNU `timeout`, npm and shells send a signal to the process and to its group: two within milliseconds that mean one. */
const ONE_SIGNAL_MS = SECOND / 2;

/**
 * What a stop signal asks for:
 * - `stop`: finish what is under way and send what waits
 * - `hurry`: wait for no destination any more; a local file is still written
 * - `force`: end at once
 * - `same`: it came with the one before and means the same
 */
type StopWish = "stop" | "hurry" | "force" | "same";

/** Counts stop signals: those within half a second of the first of them are one. */
export class StopRequest {
  #signals = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** A signal at `atMs` of a clock that never goes back. */
  signal(atMs: number): StopWish {
    if (atMs - this.#lastMs < ONE_SIGNAL_MS) {
      return "same";
    }
    this.#lastMs = atMs;
    this.#signals += 1;
    if (this.#signals === 1) {
      return "stop";
    }
    return this.#signals === 2 ? "hurry" : "force";
  }
}
