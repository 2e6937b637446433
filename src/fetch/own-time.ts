/** Milliseconds the thread has been at work since it began; what is left is waiting for sockets and timers. */
export type ActiveTime = () => number;

/** How much longer than its timeout a fetch may take because of us: a target that keeps us busy must end too. */
const MOST_TIMEOUTS = 3;

export const threadActiveTime: ActiveTime = () => performance.eventLoopUtilization().active;

/**
 * The part of a fetch's time that is ours and not the target's: the thread was at work (for this page or another), or the
 * page had to wait for its sink. A timeout counts the target's time only.
 */
export class OwnTime {
  readonly #active: ActiveTime;
  readonly #mostMs: number;
  readonly #activeBefore: number;
  #waitedMs = 0;
  #pausedMs: number | undefined;
  #pausedActive = 0;

  constructor(active: ActiveTime, timeoutMs: number) {
    this.#active = active;
    this.#mostMs = MOST_TIMEOUTS * timeoutMs;
    this.#activeBefore = active();
  }

  /** Since the start. */
  get ms(): number {
    const active = this.#active();
    const own = active - this.#activeBefore + this.#waitedMs + this.#waiting(active);
    return Math.min(this.#mostMs, own);
  }

  /** The page waits for its sink, or for what was read of it to be unpacked. */
  pause(): void {
    if (this.#pausedMs === undefined) {
      this.#pausedMs = performance.now();
      this.#pausedActive = this.#active();
    }
  }

  resume(): void {
    this.#waitedMs += this.#waiting(this.#active());
    this.#pausedMs = undefined;
  }

  /** Of the pause at hand, what the thread did not work: the rest is counted already. */
  #waiting(active: number): number {
    if (this.#pausedMs === undefined) {
      return 0;
    }
    const worked = active - this.#pausedActive;
    return Math.max(0, performance.now() - this.#pausedMs - worked);
  }
}
