import { LONGEST_TIMER_MS } from "../units.ts";
import { calledOff, type FetchFault, outOfTime } from "./fetch-fault.ts";

/** The end of reading one file: its total time or the caller's abort, whichever is first. */
export class FetchDeadline {
  readonly #passed = Promise.withResolvers<FetchFault>();
  readonly #signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = (): void => this.#pass(calledOff());
  #reason: FetchFault | undefined;

  constructor(totalMs: number, signal: AbortSignal) {
    this.#signal = signal;
    this.#timer = setTimeout(
      () => {
        this.#pass(outOfTime(totalMs));
      },
      Math.min(totalMs, LONGEST_TIMER_MS),
    );
    if (signal.aborted) {
      this.#onAbort();
    } else {
      signal.addEventListener("abort", this.#onAbort, { once: true });
    }
  }

  /** Resolves when it has passed; never rejects. */
  get passed(): Promise<FetchFault> {
    return this.#passed.promise;
  }

  get over(): boolean {
    return this.#reason !== undefined;
  }

  /** Lets go of timer and signal. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#signal.removeEventListener("abort", this.#onAbort);
  }

  #pass(reason: FetchFault): void {
    this.#reason ??= reason;
    this.#passed.resolve(this.#reason);
  }
}
