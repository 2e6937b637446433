import type { Dispatcher } from "undici";
import { KIB, SECOND } from "../units.ts";
import { createDecompressor, type Decompressor, parseContentEncoding } from "./decompressor.ts";
import { classifyError, type FetchFault, fault } from "./fetch-fault.ts";
import { type ByteTally, type PageEnd, PageGate } from "./page-gate.ts";
import type { PageSink } from "./page-sink.ts";
import type { ScrapeLimits } from "./scrape-target.ts";
import type { SocketReads } from "./socket-reads.ts";

/** What one request came to. `reusable`: the answer was read to its end, the connection can carry another request. */
export type ExchangeEnd =
  | { readonly kind: "page"; readonly status: number; readonly reusable: boolean }
  | {
      readonly kind: "redirect";
      readonly status: number;
      readonly location: string;
      readonly reusable: boolean;
    }
  | {
      readonly kind: "failed";
      readonly fault: FetchFault;
      readonly status?: number;
      readonly reusable: boolean;
      /** Not a byte was answered: on a kept connection that means the peer had closed it, and asking again is safe. */
      readonly unanswered: boolean;
    };

type Reads = Pick<SocketReads, "shared">;
type Controller = Dispatcher.DispatchController;
type Headers = Readonly<Record<string, string | string[] | undefined>>;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** The body of an answer that is no page is read so far to keep the connection; beyond that a new one is cheaper. */
const DRAIN_BYTES = 64 * KIB;
const DRAIN_MS = SECOND;

/** One request and its answer, as undici's handler: from the socket to the sink without a stream between. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #sink: PageSink;
  readonly #limits: ScrapeLimits;
  readonly #tally: ByteTally;
  readonly #reads: Reads;
  readonly #end = Promise.withResolvers<ExchangeEnd>();
  #controller: Controller | undefined;
  #status: number | undefined;
  #gate: PageGate | undefined;
  #decompressor: Decompressor | undefined;
  #answered = false;
  #wireEnded = false;
  #settled = false;
  /** Set once the answer is known to be no page: its body is read for the connection's sake only. */
  #verdict: ExchangeEnd | undefined;
  #drained = 0;
  #drainTimer: NodeJS.Timeout | undefined;

  /** `reads`: of the connection that carries it. */
  constructor(sink: PageSink, limits: ScrapeLimits, tally: ByteTally, reads: Reads) {
    this.#reads = reads;
    this.#sink = sink;
    this.#limits = limits;
    this.#tally = tally;
  }

  /** Rejects only with what the sink threw. */
  get end(): Promise<ExchangeEnd> {
    return this.#end.promise;
  }

  /** Ends it now, at whatever point it is. The owner closes the connection. */
  cut(reason: FetchFault): void {
    this.#settle(this.#verdict ?? this.#failed(reason));
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
  }

  onResponseStarted(): void {
    this.#answered = true;
  }

  onResponseStart(controller: Controller, status: number, headers: Headers): void {
    if (this.#settled || status < 200) {
      return;
    }
    this.#status = status;
    if (status >= 300) {
      this.#drain(this.#verdictOf(status, headers), headers);
      return;
    }
    const trouble = this.#guarded(() => this.#startPage(controller, headers));
    if (trouble !== undefined) {
      this.#fail(trouble);
    }
  }

  onResponseData(controller: Controller, bytes: Buffer): void {
    this.#tally.wireBytes += bytes.length;
    if (this.#settled) {
      return;
    }
    if (this.#verdict !== undefined) {
      this.#drained += bytes.length;
      if (this.#drained > DRAIN_BYTES) {
        this.#settle(this.#verdict);
      }
      return;
    }
    if (this.#decompressor === undefined) {
      this.#guarded(() => this.#gate?.push(bytes));
    } else if (!this.#decompressor.write(bytes)) {
      controller.pause();
    }
  }

  onResponseEnd(): void {
    this.#wireEnded = true;
    if (this.#settled) {
      return;
    }
    if (this.#verdict !== undefined) {
      this.#settle({ ...this.#verdict, reusable: true });
    } else if (this.#decompressor === undefined) {
      this.#gate?.end();
    } else {
      this.#decompressor.end();
    }
  }

  onResponseError(_controller: Controller | null, error: Error): void {
    if (this.#settled) {
      return;
    }
    const phase =
      this.#status !== undefined
        ? "body"
        : this.#controller !== undefined
          ? "waiting"
          : "connecting";
    this.#settle(this.#verdict ?? this.#failed(classifyError(error, phase)));
  }

  #verdictOf(status: number, headers: Headers): ExchangeEnd {
    if (!REDIRECTS.has(status)) {
      return this.#failed(fault("http_status", `the target answered ${status}`));
    }
    const location = single(headers, "location");
    return location === undefined
      ? this.#failed(fault("redirect", `the target answered ${status} without a location`))
      : { kind: "redirect", status, location, reusable: false };
  }

  #drain(verdict: ExchangeEnd, headers: Headers): void {
    this.#verdict = verdict;
    if (Number(single(headers, "content-length") ?? 0) > DRAIN_BYTES) {
      this.#settle(verdict);
      return;
    }
    this.#drainTimer = setTimeout(() => this.#settle(verdict), DRAIN_MS);
  }

  #startPage(controller: Controller, headers: Headers): FetchFault | undefined {
    const transfer = single(headers, "transfer-encoding");
    if (transfer !== undefined && transfer.trim().toLowerCase() !== "chunked") {
      return fault("content_encoding", "a transfer coding other than chunked");
    }
    const codings = parseContentEncoding(joined(headers, "content-encoding"));
    if ("kind" in codings) {
      return codings;
    }
    const length = single(headers, "content-length");
    if (codings.length === 0 && Number(length ?? 0) > this.#limits.bodyBytes) {
      return fault(
        "body_limit",
        `the body has ${length} bytes, more than ${this.#limits.bodyBytes}`,
      );
    }
    this.#openGate(codings, controller);
    this.#sink.start(single(headers, "content-type"));
    return;
  }

  #openGate(codings: Parameters<typeof createDecompressor>[0], controller: Controller): void {
    const ended = (end: PageEnd): void => this.#pageEnded(end);
    if (codings.length === 0) {
      this.#reads.shared = true;
      this.#gate = new PageGate(this.#sink, this.#limits, this.#tally, controller, ended);
      return;
    }
    const decompressor = createDecompressor(codings, {
      onBytes: (bytes) => {
        this.#guarded(() => this.#gate?.push(bytes));
      },
      onDrain: () => controller.resume(),
      onEnd: () => this.#gate?.end(),
      onFault: (trouble) => this.#fail(trouble),
    });
    this.#decompressor = decompressor;
    this.#gate = new PageGate(this.#sink, this.#limits, this.#tally, decompressor, ended);
  }

  #pageEnded(end: PageEnd): void {
    if (end === "complete") {
      this.#settle({ kind: "page", status: this.#status ?? 0, reusable: this.#wireEnded });
    } else {
      this.#fail(end);
    }
  }

  #fail(reason: FetchFault): void {
    this.#settle(this.#failed(reason));
  }

  #failed(reason: FetchFault): ExchangeEnd {
    return {
      kind: "failed",
      fault: reason,
      ...(this.#status === undefined ? {} : { status: this.#status }),
      reusable: this.#wireEnded,
      unanswered: !this.#answered,
    };
  }

  /** A sink that throws is a broken invariant of its owner, who gets the error back instead of an outcome. */
  #guarded<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      this.#release();
      this.#end.reject(error);
      return;
    }
  }

  #settle(end: ExchangeEnd): void {
    if (!this.#settled) {
      this.#release();
      this.#end.resolve(end);
    }
  }

  #release(): void {
    this.#settled = true;
    this.#reads.shared = false;
    clearTimeout(this.#drainTimer);
    this.#gate?.close();
    this.#decompressor?.destroy();
  }
}

function single(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function joined(headers: Headers, name: string): string {
  const value = headers[name] ?? "";
  return Array.isArray(value) ? value.join(",") : value;
}
