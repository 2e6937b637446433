import type { Clock } from "../../src/clock.ts";

interface Sleeper {
  readonly due: number;
  wake(): void;
}

/** A clock that stands still until it is moved. Starts at 2026-01-01T00:00:00Z. */
export class ManualClock implements Clock {
  readonly #start = Date.UTC(2026, 0, 1);
  readonly #sleepers = new Set<Sleeper>();
  #elapsed = 0;
  #set = 0;

  now(): number {
    return this.#start + this.#elapsed + this.#set;
  }

  /** Sets the time of day forward, or back; the passing of time takes no notice. */
  step(ms: number): void {
    this.#set += ms;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        due: this.#elapsed + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal?.removeEventListener("abort", sleeper.wake);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", sleeper.wake);
    });
  }

  get sleepers(): number {
    return this.#sleepers.size;
  }

  /** Milliseconds until somebody wakes; undefined where nobody sleeps. */
  get nextMs(): number | undefined {
    const next = this.#next(Number.POSITIVE_INFINITY);
    return next === undefined ? undefined : next.due - this.#elapsed;
  }

  /** Wakes everyone due within `ms`, in order, letting each go on before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await turns();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#elapsed = Math.max(this.#elapsed, next.due);
      next.wake();
      await turns();
    }
    this.#elapsed = end;
  }

  /** Moves time on as long as somebody sleeps, until `promise` is settled; never beyond `horizonMs` from the start. */
  async drive<T>(promise: Promise<T>, horizonMs: number): Promise<T> {
    let settled = false;
    const mark = () => {
      settled = true;
    };
    promise.then(mark, mark);
    while (!settled) {
      await turns();
      const next = settled ? undefined : this.#next(horizonMs);
      if (next !== undefined) {
        this.#elapsed = Math.max(this.#elapsed, next.due);
        next.wake();
      }
    }
    return promise;
  }

  #next(end: number): Sleeper | undefined {
    return [...this.#sleepers].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
  }
}

/** Lets everything go on that waits for no time. */
export async function turns(count = 10): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Lets everything go on, real sockets and files included, until `condition` holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
