import type { Dispatcher } from "undici";
import { type Clock, WAIT_OVER } from "../../clock.ts";
import { KIB, SECOND } from "../../units.ts";

/**
 * As much of an answer's body is read and kept; a longer one costs the connection. InfluxDB says at the very end how many points it
 * refused.
 */
const ANSWER_READ = 64 * KIB;
/** Milliseconds in which the body has to come once the head is there; a slower one costs the connection, and holds no slot. */
const BODY_TIME = SECOND;

/** What an answer says; of its body the start. */
export interface HttpAnswer {
  readonly kind: "answer";
  readonly status: number;
  /** Header `Retry-After`. */
  readonly retryAfter: string | undefined;
  /** Header `X-Influxdb-Error`, which says what the body says also where that is cut short. */
  readonly influxError: string | undefined;
  readonly text: string;
  /** Monotonic time when the status came. */
  readonly statusAtMs: number;
}

/** `timeout`: there was no status in time. `fault`: nor will there be one. */
export type HttpEnd =
  | HttpAnswer
  | { readonly kind: "timeout" }
  | { readonly kind: "fault"; readonly error: unknown };

export interface HttpLimits {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What requests go over, of undici's dispatcher. */
export type HttpDispatcher = Pick<Dispatcher, "dispatch" | "close" | "destroy">;

/**
 * One request and its answer. Never rejects; ends in time, and as soon as the signal aborts. The status counts as soon as the head is
 * there: a body that is cut short, slow or endless changes nothing.
 */
export function exchange(
  dispatcher: HttpDispatcher,
  options: Dispatcher.DispatchOptions,
  limits: HttpLimits,
): Promise<HttpEnd> {
  const one = new Exchange(limits);
  dispatcher.dispatch(options, one);
  return one.ended;
}

/**
 * undici's own promise of a request hands the answer over as a stream: with its iterator some 15 KiB of objects that live as long as
 * the request, for a body of a few bytes.
 */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #ended = Promise.withResolvers<HttpEnd>();
  /** Of the wait for the head, then of the wait for the body. */
  #timer = new AbortController();
  readonly #limits: HttpLimits;
  readonly #aborted = () => this.#cut({ kind: "fault", error: this.#limits.signal.reason });
  readonly #kept: Uint8Array[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #over = false;
  #status: number | undefined;
  #statusAtMs = 0;
  #retryAfter: string | undefined;
  #influxError: string | undefined;
  #read = 0;

  constructor(limits: HttpLimits) {
    const { timeoutMs, signal } = limits;
    this.#limits = limits;
    this.#cutAfter(timeoutMs);
    signal.addEventListener("abort", this.#aborted);
    if (signal.aborted) {
      this.#aborted();
    }
  }

  get ended(): Promise<HttpEnd> {
    return this.#ended.promise;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) {
      this.#drop();
    }
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // What comes before the answer, say 103 Early Hints, is none.
    if (status >= 200 && !this.#over) {
      this.#status = status;
      this.#statusAtMs = this.#limits.clock.monotonic();
      this.#retryAfter = firstOf(headers["retry-after"]);
      this.#influxError = firstOf(headers["x-influxdb-error"]);
      this.#timer.abort(WAIT_OVER);
      this.#timer = new AbortController();
      this.#cutAfter(BODY_TIME);
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#read < ANSWER_READ) {
      // Chunks are views on the socket's memory.
      this.#kept.push(Uint8Array.from(chunk.subarray(0, ANSWER_READ - this.#read)));
    }
    this.#read += chunk.byteLength;
    if (this.#read > ANSWER_READ) {
      this.#cut({ kind: "timeout" });
    }
  }

  onResponseEnd(): void {
    this.#end({ kind: "fault", error: undefined });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#end({ kind: "fault", error });
  }

  #cutAfter(ms: number): void {
    const { signal } = this.#timer;
    void this.#limits.clock.sleep(ms, signal).then(() => {
      if (!signal.aborted) {
        this.#cut({ kind: "timeout" });
      }
    });
  }

  /** Gives up the connection. */
  #cut(without: HttpEnd): void {
    if (!this.#over) {
      this.#end(without);
      this.#drop();
    }
  }

  #drop(): void {
    this.#controller?.abort(new Error("the answer is not waited for"));
  }

  /** `without`: how it ended where there is no status. */
  #end(without: HttpEnd): void {
    if (this.#over) {
      return;
    }
    this.#over = true;
    this.#limits.signal.removeEventListener("abort", this.#aborted);
    this.#timer.abort(WAIT_OVER);
    this.#ended.resolve(this.#status === undefined ? without : this.#answer(this.#status));
  }

  #answer(status: number): HttpAnswer {
    const text = Buffer.concat(this.#kept).toString("utf8");
    return {
      kind: "answer",
      status,
      retryAfter: this.#retryAfter,
      influxError: this.#influxError,
      text,
      statusAtMs: this.#statusAtMs,
    };
  }
}

function firstOf(values: string | string[] | undefined): string | undefined {
  return Array.isArray(values) ? values[0] : values;
}
