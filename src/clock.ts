/** The time of day and the passing of time; tests pass in one that they move by hand. */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Why a wait was ended that is no longer needed. Without a reason the platform builds an error with a stack for each. */
export const WAIT_OVER = "the wait is over";

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  // Not that of node:timers/promises: an abort makes it build an error with a stack, many times a second here.
  sleep: (ms, signal) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    if (signal?.aborted === true) {
      wake();
    } else {
      signal?.addEventListener("abort", wake);
    }
    return promise;
  },
};
