import { type FetchFault, fault } from "./fetch-fault.ts";

/** What is longer, setTimeout takes for 1 ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The end of one fetch: its total time, the caller's abort, or the fetcher's closing, whichever is first. */
export class FetchDeadline {
  readonly #passed = Promise.withResolvers<FetchFault>();
  readonly #signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = (): void => this.pass(fault("aborted", "the scrape was called off"));
  #reason: FetchFault | undefined;
  #listener: ((reason: FetchFault) => void) | undefined;

  constructor(totalMs: number, signal: AbortSignal) {
    this.#signal = signal;
    this.#timer = setTimeout(
      () => {
        this.pass(fault("total_timeout", `not finished within ${totalMs} ms`));
      },
      Math.min(totalMs, MAX_TIMER_MS),
    );
    if (signal.aborted) {
      this.#onAbort();
    } else {
      signal.addEventListener("abort", this.#onAbort, { once: true });
    }
  }

  /** Resolves when it has passed before anybody listened (the fetch still waits for files); never rejects. */
  get passed(): Promise<FetchFault> {
    return this.#passed.promise;
  }

  get over(): boolean {
    return this.#reason !== undefined;
  }

  /** From now on `listener` ends the fetch; a new one takes the place of the last. Told at once where it has passed. */
  onPassed(listener: (reason: FetchFault) => void): void {
    this.#listener = listener;
    if (this.#reason !== undefined) {
      listener(this.#reason);
    }
  }

  pass(reason: FetchFault): void {
    if (this.#reason === undefined) {
      this.#reason = reason;
      if (this.#listener === undefined) {
        this.#passed.resolve(reason);
      } else {
        this.#listener(reason);
      }
    }
  }

  /** Lets go of timer and signal. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#signal.removeEventListener("abort", this.#onAbort);
  }
}
