import type { PageSink } from "../page-sink.ts";
import type { ScrapeLimits } from "../scrape-limits.ts";
import { KIB, SECOND } from "../units.ts";
import { createDecompressor, parseContentEncoding } from "./decompressor.ts";
import type { Decompressor } from "./decompressor-owner.ts";
import { type FetchFault, fault } from "./fetch-fault.ts";
import type { BodyFraming } from "./http1/body-framing.ts";
import type { AnswerOwner, HttpConnection } from "./http1/http-connection.ts";
import type { ResponseHead } from "./http1/response-head.ts";
import { type ByteTally, type PageEnd, PageGate, type PausableSource } from "./page-gate.ts";

/** What one request came to. `keepMs`: for so long the connection may be kept for another request; 0: it must not be used again. */
export type ExchangeEnd =
  | { readonly kind: "page"; readonly status: number; readonly keepMs: number }
  | {
      readonly kind: "redirect";
      readonly status: number;
      readonly location: string;
      readonly keepMs: number;
    }
  | {
      readonly kind: "failed";
      readonly fault: FetchFault;
      readonly status?: number;
      readonly keepMs: number;
      /** Not a byte was answered: on a kept connection that means the peer had closed it, and asking again is safe. */
      readonly unanswered: boolean;
    };

/** Told once, and by one of the two, what became of an exchange. */
export interface ExchangeOwner {
  exchangeEnded(end: ExchangeEnd): void;
  /** The sink threw: a broken invariant of whoever gave it. */
  exchangeBroken(error: unknown): void;
  /** The page waits for its sink, or for what came of it to be unpacked, until `pageResumed`. */
  pagePaused(): void;
  pageResumed(): void;
  /** The exchange's time is nearer now than it was. */
  dueNearer(): void;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** The body of an answer that is no page is read so far to keep the connection; beyond that a new one is cheaper. */
const DRAIN_BYTES = 64 * KIB;
const DRAIN_MS = SECOND;
const PLAIN: readonly never[] = [];

/** One request and its answer: from the socket to the sink without a stream between. */
export class Exchange implements AnswerOwner, PausableSource {
  readonly #sink: PageSink;
  readonly #limits: ScrapeLimits;
  readonly #tally: ByteTally;
  readonly #connection: HttpConnection;
  readonly #owner: ExchangeOwner;
  #status: number | undefined;
  #gate: PageGate | undefined;
  #decompressor: Decompressor | undefined;
  #paused = false;
  #wireEnded = false;
  #keepMs = 0;
  #settled = false;
  /** Set once the answer is known to be no page: its body is read for the connection's sake only. */
  #verdict: ExchangeEnd | undefined;
  #drained = 0;
  #drainUntilMs = 0;

  /** `connection` is the one that carries it; the owner sends the request on it and takes it back. */
  constructor(
    sink: PageSink,
    limits: ScrapeLimits,
    tally: ByteTally,
    connection: HttpConnection,
    owner: ExchangeOwner,
  ) {
    this.#sink = sink;
    this.#limits = limits;
    this.#tally = tally;
    this.#connection = connection;
    this.#owner = owner;
  }

  /** When its time is up if nothing comes (`performance.now()`). While the sink or the unpacking lags nothing need come. */
  get dueMs(): number {
    if (this.#verdict !== undefined) {
      return this.#drainUntilMs;
    }
    return this.#paused || this.#wireEnded
      ? Number.POSITIVE_INFINITY
      : this.#connection.activeMs + this.#limits.idleTimeoutMs;
  }

  timeUp(): void {
    const where = this.#status === undefined ? "before the body" : "within the body";
    this.cut(fault("idle_timeout", `${this.#limits.idleTimeoutMs} ms of silence ${where}`));
  }

  /** Ends it now, at whatever point it is. The owner closes the connection. */
  cut(reason: FetchFault): void {
    this.#settle(this.#verdict ?? this.#failed(reason));
  }

  pause(): void {
    this.#paused = true;
    this.#owner.pagePaused();
    if (!this.#wireEnded) {
      this.#connection.pause();
    }
  }

  resume(): void {
    this.#paused = false;
    this.#owner.pageResumed();
    if (!this.#wireEnded) {
      this.#connection.resume();
      this.#owner.dueNearer();
    }
  }

  onHead(head: ResponseHead, framing: BodyFraming): void {
    this.#status = head.status;
    if (head.status >= 300) {
      this.#drain(this.#verdictOf(head), framing);
      return;
    }
    let trouble: FetchFault | undefined;
    try {
      trouble = this.#startPage(head, framing);
    } catch (error) {
      this.#break(error);
      return;
    }
    if (trouble !== undefined) {
      this.#fail(trouble);
    }
  }

  onBody(bytes: Buffer): void {
    this.#tally.wireBytes += bytes.length;
    if (this.#settled) {
      return;
    }
    if (this.#verdict !== undefined) {
      this.#drained += bytes.length;
      if (this.#drained > DRAIN_BYTES) {
        this.#settle(this.#verdict);
      }
    } else if (this.#decompressor === undefined) {
      this.#push(bytes);
    } else if (!this.#decompressor.write(bytes) && !this.#settled) {
      this.pause();
    }
  }

  onEnd(keepMs: number): void {
    this.#wireEnded = true;
    this.#keepMs = keepMs;
    if (this.#settled) {
      return;
    }
    if (this.#verdict !== undefined) {
      this.#settle({ ...this.#verdict, keepMs });
    } else if (this.#decompressor === undefined) {
      this.#gate?.end();
    } else {
      this.#decompressor.end();
    }
  }

  onFault(trouble: FetchFault, unanswered: boolean): void {
    this.#settle(this.#verdict ?? this.#failed(trouble, unanswered));
  }

  #verdictOf({ status, fields }: ResponseHead): ExchangeEnd {
    if (!REDIRECTS.has(status)) {
      return this.#failed(fault("http_status", `the target answered ${status}`));
    }
    if (fields.location === undefined) {
      return this.#failed(fault("redirect", `the target answered ${status} without a location`));
    }
    // Where it is not ASCII, as it should be, it is UTF-8.
    const location = Buffer.from(fields.location, "latin1").toString();
    return { kind: "redirect", status, location, keepMs: 0 };
  }

  #drain(verdict: ExchangeEnd, { bytes }: BodyFraming): void {
    this.#verdict = verdict;
    if (bytes > DRAIN_BYTES) {
      this.#settle(verdict);
      return;
    }
    this.#drainUntilMs = performance.now() + DRAIN_MS;
    this.#owner.dueNearer();
  }

  #startPage({ fields }: ResponseHead, { bytes, coded }: BodyFraming): FetchFault | undefined {
    if (coded) {
      return fault("content_encoding", "a transfer coding other than chunked");
    }
    const encoding = fields["content-encoding"];
    const codings = encoding === undefined ? PLAIN : parseContentEncoding(encoding);
    if ("kind" in codings) {
      return codings;
    }
    const { bodyBytes } = this.#limits;
    if (codings.length === 0 && bytes > bodyBytes) {
      return fault("body_limit", `the body has ${bytes} bytes, more than ${bodyBytes}`);
    }
    this.#openGate(codings);
    this.#sink.start(fields["content-type"]);
    return;
  }

  #openGate(codings: Parameters<typeof createDecompressor>[0]): void {
    if (codings.length > 0) {
      this.#decompressor = createDecompressor(codings, this.#limits, {
        onBytes: (bytes) => this.#push(bytes),
        onDrain: () => this.resume(),
        onEnd: () => this.#gate?.end(),
        onFault: (trouble) => this.#fail(trouble),
      });
    }
    this.#gate = new PageGate(
      this.#sink,
      this.#limits,
      this.#tally,
      this.#decompressor ?? this,
      (end) => this.#pageEnded(end),
    );
  }

  #push(bytes: Uint8Array): void {
    try {
      this.#gate?.push(bytes);
    } catch (error) {
      this.#break(error);
    }
  }

  #pageEnded(end: PageEnd): void {
    if (end === "complete") {
      this.#settle({ kind: "page", status: this.#status ?? 0, keepMs: this.#keepMs });
    } else {
      this.#fail(end);
    }
  }

  #fail(reason: FetchFault): void {
    this.#settle(this.#failed(reason));
  }

  #failed(reason: FetchFault, unanswered = false): ExchangeEnd {
    return {
      kind: "failed",
      fault: reason,
      ...(this.#status === undefined ? {} : { status: this.#status }),
      keepMs: this.#keepMs,
      unanswered,
    };
  }

  #break(error: unknown): void {
    if (!this.#settled) {
      this.#release();
      this.#owner.exchangeBroken(error);
    }
  }

  #settle(end: ExchangeEnd): void {
    if (!this.#settled) {
      this.#release();
      this.#owner.exchangeEnded(end);
    }
  }

  #release(): void {
    this.#settled = true;
    this.#gate?.close();
    this.#decompressor?.destroy();
  }
}
