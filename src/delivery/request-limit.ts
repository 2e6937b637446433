import { type Clock, WAIT_OVER } from "../clock.ts";

/** The end of one request: aborts when `outer` does or after `ms`, and leaves neither a timer nor a listener behind. */
export class RequestLimit {
  readonly #controller = new AbortController();
  readonly #ended = new AbortController();
  readonly #outer: AbortSignal;
  readonly #abort = () => this.#controller.abort();
  timedOut = false;

  constructor(clock: Clock, ms: number, outer: AbortSignal) {
    this.#outer = outer;
    outer.addEventListener("abort", this.#abort);
    if (outer.aborted) {
      this.#abort();
    }
    void clock.sleep(ms, this.#ended.signal).then(() => {
      if (!this.#ended.signal.aborted) {
        this.timedOut = true;
        this.#abort();
      }
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    this.#outer.removeEventListener("abort", this.#abort);
    this.#ended.abort(WAIT_OVER);
  }
}
