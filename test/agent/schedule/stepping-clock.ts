import type { Clock } from "../../../src/clock.ts";

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** A clock moved by hand. Wall time and passing time can part, as they do when a clock is set or a machine sleeps. */
export class SteppingClock implements Clock {
  #wallMs: number;
  #passedMs = 0;
  /** Sum of all steps back. */
  wentBackMs = 0;
  readonly #sleepers = new Set<Sleeper>();

  constructor(wallMs: number) {
    this.#wallMs = wallMs;
  }

  now(): number {
    return this.#wallMs;
  }

  monotonic(): number {
    return this.#passedMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = {
        atMs: this.#passedMs + ms,
        wake: () => {
          signal?.removeEventListener("abort", sleeper.wake);
          this.#sleepers.delete(sleeper);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", sleeper.wake);
    });
  }

  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Lets time pass, waking each sleeper at its time and giving it the time to go on. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#passedMs + ms;
    await settle();
    for (;;) {
      const next = Math.min(...[...this.#sleepers].map((sleeper) => sleeper.atMs));
      if (next > endMs) break;
      this.#move(Math.max(0, next - this.#passedMs));
      for (const sleeper of [...this.#sleepers]) if (sleeper.atMs <= next) sleeper.wake();
      await settle();
    }
    this.#move(endMs - this.#passedMs);
  }

  /** Time passes while the event loop does not turn: sleepers are late. */
  async stall(ms: number): Promise<void> {
    this.#move(ms);
    await this.pass(0);
  }

  /** Somebody sets the wall clock, or the machine sleeps. */
  step(ms: number): void {
    this.#wallMs += ms;
    if (ms < 0) this.wentBackMs -= ms;
  }

  #move(ms: number): void {
    this.#wallMs += ms;
    this.#passedMs += ms;
  }
}

/** Lets promises that can go on do so. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
