import { LONGEST_TIMER_MS } from "../units.ts";
import type { FetchFault } from "./fetch-fault.ts";

/** A fetch under way. */
export interface RunningFetch {
  /** When its time is up (`performance.now()`); moves while it runs. */
  dueMs(): number;
  timeUp(): void;
  cut(reason: FetchFault): void;
}

/**
 * The fetches of a thread, with one timer for all. It is set for the earliest end known and left alone when fetches end in time,
 * as they nearly always do: at twenty scrapes a second it is set a few times a minute.
 */
export class RunningFetches {
  readonly #running = new Set<RunningFetch>();
  #timer: NodeJS.Timeout | undefined;
  #wakesAtMs = Number.POSITIVE_INFINITY;

  add(fetch: RunningFetch): void {
    this.#running.add(fetch);
    if (this.#running.size === 1) {
      this.#timer?.ref();
    }
    this.wakeBy(fetch.dueMs());
  }

  delete(fetch: RunningFetch): void {
    this.#running.delete(fetch);
    if (this.#running.size === 0) {
      // Nobody waits for it: it must not hold the thread.
      this.#timer?.unref();
    }
  }

  cutAll(reason: FetchFault): void {
    for (const fetch of this.#running) {
      fetch.cut(reason);
    }
  }

  /** To be said where the time of a fetch has come nearer. */
  wakeBy(dueMs: number): void {
    if (dueMs >= this.#wakesAtMs || this.#running.size === 0) {
      return;
    }
    clearTimeout(this.#timer);
    this.#wakesAtMs = dueMs;
    const inMs = Math.ceil(dueMs - performance.now());
    // Judged once the sockets were asked: after a long turn of the thread, what has arrived meanwhile counts.
    this.#timer = setTimeout(
      () => setImmediate(() => this.#wake()),
      Math.min(Math.max(inMs, 1), LONGEST_TIMER_MS),
    );
  }

  #wake(): void {
    this.#wakesAtMs = Number.POSITIVE_INFINITY;
    this.#timer = undefined;
    const nowMs = performance.now();
    for (const fetch of this.#running) {
      if (fetch.dueMs() <= nowMs) {
        fetch.timeUp();
      }
    }
    for (const fetch of this.#running) {
      this.wakeBy(fetch.dueMs());
    }
  }
}
