import type { PageSink } from "../page-sink.ts";
import { redactUrl } from "../redact.ts";
import type { ScrapeLimits } from "../scrape-limits.ts";
import { Exchange, type ExchangeEnd, type ExchangeOwner } from "./exchange.ts";
import { calledOff, type FetchFault, fault, outOfTime } from "./fetch-fault.ts";
import type { FetchOutcome } from "./fetch-outcome.ts";
import type { ConnectionPool } from "./http1/connection-pool.ts";
import type { HttpConnection } from "./http1/http-connection.ts";
import { requestText } from "./http1/request-text.ts";
import { type ActiveTime, OwnTime } from "./own-time.ts";
import type { ByteTally } from "./page-gate.ts";
import type { PageRequest } from "./page-request.ts";
import type { PlannedRequest, RequestPlans } from "./request-plans.ts";
import type { RunningFetch, RunningFetches } from "./running-fetches.ts";

/** What fetches share. */
export interface FetchMeans {
  readonly pool: ConnectionPool;
  readonly plans: RequestPlans;
  readonly running: RunningFetches;
  readonly active: ActiveTime;
}

const MAX_REDIRECTS = 5;

/**
 * One fetch of one page, redirects within the origin included. It ends with its answer, its total time or the caller's abort,
 * whichever is first. A plain one that was made before makes one promise and sends its request before `run` returns.
 */
export class PageFetch implements ExchangeOwner, RunningFetch {
  readonly #means: FetchMeans;
  readonly #limits: ScrapeLimits;
  readonly #sink: PageSink;
  readonly #signal: AbortSignal;
  readonly #tally: ByteTally = { wireBytes: 0, bodyBytes: 0 };
  readonly #outcome = Promise.withResolvers<FetchOutcome>();
  readonly #onAbort = (): void => this.cut(calledOff());
  /** When the total time is over if none of it is ours. */
  readonly #untilMs: number;
  /** When the total time is over as far as is known: what is ours of it is asked for when it seems to be. */
  #dueMs: number;
  readonly #own: OwnTime;
  #planned: PlannedRequest | undefined;
  /** Of the running exchange; redirects change both. */
  #url: URL | undefined;
  #text = "";
  #connection: HttpConnection | undefined;
  #exchange: Exchange | undefined;
  #redirects = 0;
  #cut: FetchFault | undefined;
  #over = false;

  constructor(means: FetchMeans, limits: ScrapeLimits, sink: PageSink, signal: AbortSignal) {
    this.#means = means;
    this.#limits = limits;
    this.#sink = sink;
    this.#signal = signal;
    this.#untilMs = performance.now() + limits.totalTimeoutMs;
    this.#dueMs = this.#untilMs;
    this.#own = new OwnTime(means.active, limits.totalTimeoutMs);
  }

  /** Once. Rejects only with what the sink threw. */
  run(request: PageRequest): Promise<FetchOutcome> {
    const { plans, running } = this.#means;
    running.add(this);
    if (this.#signal.aborted) {
      this.#onAbort();
      return this.#outcome.promise;
    }
    this.#signal.addEventListener("abort", this.#onAbort, { once: true });
    const known = plans.known(request, this.#limits);
    if (known === undefined) {
      // The deadline ends waiting for files too: a dead mount must not hold a scrape.
      void plans.plan(request, this.#limits).then((planned) => this.#start(planned));
    } else {
      this.#start(known);
    }
    return this.#outcome.promise;
  }

  /** Ends it now. */
  cut(reason: FetchFault): void {
    this.#cut ??= reason;
    if (this.#exchange === undefined) {
      this.#fail(reason);
    } else {
      this.#exchange.cut(reason);
    }
  }

  dueMs(): number {
    return Math.min(this.#dueMs, this.#exchange?.dueMs ?? Number.POSITIVE_INFINITY);
  }

  timeUp(): void {
    const now = performance.now();
    if (now < this.#dueMs) {
      this.#exchange?.timeUp();
      return;
    }
    this.#dueMs = this.#untilMs + this.#own.ms;
    if (now >= this.#dueMs) {
      this.cut(this.#outOfTime());
    }
  }

  #outOfTime(): FetchFault {
    const { totalTimeoutMs } = this.#limits;
    return this.#connection?.resolving === true
      ? fault("dns", `the address of the host is unknown after ${totalTimeoutMs} ms`)
      : outOfTime(totalTimeoutMs);
  }

  dueNearer(): void {
    this.#means.running.wakeBy(this.dueMs());
  }

  pagePaused(): void {
    this.#own.pause();
  }

  pageResumed(): void {
    this.#own.resume();
  }

  exchangeEnded(end: ExchangeEnd): void {
    const connection = this.#give(end.keepMs);
    switch (end.kind) {
      case "page":
        this.#settle({ kind: "ok", status: end.status, ...this.#tally });
        return;
      case "redirect":
        this.#follow(end.location, end.status);
        return;
      case "failed":
        this.#failed(end, connection);
        return;
    }
  }

  exchangeBroken(error: unknown): void {
    this.#give(0);
    this.#release();
    this.#outcome.reject(error);
  }

  #start(planned: PlannedRequest | FetchFault): void {
    if (this.#over) {
      return;
    }
    if ("kind" in planned) {
      this.#fail(planned);
      return;
    }
    this.#planned = planned;
    this.#url = planned.plan.url;
    this.#text = planned.plan.text;
    this.#send(planned, false);
  }

  /** `fresh`: on a connection that was not used before. */
  #send({ endpoint }: PlannedRequest, fresh: boolean): void {
    const limits = this.#limits;
    const connection = this.#means.pool.take(endpoint, limits.connectTimeoutMs, fresh);
    this.#connection = connection;
    this.#exchange = new Exchange(this.#sink, limits, this.#tally, connection, this);
    connection.send(this.#text, this.#exchange);
    // Here, since an answer cannot come before the socket is asked; a connection attempt has a time of its own.
    this.#means.running.wakeBy(performance.now() + limits.idleTimeoutMs);
  }

  #give(keepMs: number): HttpConnection {
    const connection = this.#connection;
    if (connection === undefined) {
      throw new Error("the end of an exchange that was not begun");
    }
    this.#connection = undefined;
    this.#exchange = undefined;
    this.#means.pool.give(connection, keepMs);
    return connection;
  }

  #failed(
    end: Extract<ExchangeEnd, { kind: "failed" }>,
    { used, endpoint, opened }: HttpConnection,
  ): void {
    const stale = end.unanswered && end.fault.reason === "connection_reset";
    if (stale && used && this.#planned !== undefined) {
      // A kept connection that turned out to be closed is replaced by a new one, which was never used.
      this.#send(this.#planned, true);
      return;
    }
    const refused = stale && opened && endpoint.identity !== undefined;
    this.#fail(refused ? fault("connection_reset", REFUSED) : end.fault, end.status);
  }

  #follow(location: string, status: number): void {
    const planned = this.#planned;
    if (planned === undefined || this.#url === undefined) {
      throw new Error("a redirect of a request that was not sent");
    }
    if (this.#cut !== undefined) {
      this.#fail(this.#cut, status);
      return;
    }
    const next = redirectTarget(location, this.#url);
    if ("kind" in next) {
      this.#fail(next, status);
      return;
    }
    this.#redirects++;
    if (this.#redirects > MAX_REDIRECTS) {
      this.#fail(fault("redirect", `more than ${MAX_REDIRECTS} redirects`), status);
      return;
    }
    const text = requestText(next, planned.plan.headers);
    if (typeof text !== "string") {
      this.#fail(text, status);
      return;
    }
    this.#url = next;
    this.#text = text;
    this.#send(planned, false);
  }

  #fail({ reason, detail }: FetchFault, status?: number): void {
    const known = status === undefined ? {} : { status };
    this.#settle({ kind: "failed", reason, detail, ...known, ...this.#tally });
  }

  #settle(outcome: FetchOutcome): void {
    if (!this.#over) {
      this.#release();
      this.#outcome.resolve(outcome);
    }
  }

  #release(): void {
    this.#over = true;
    this.#means.running.delete(this);
    this.#signal.removeEventListener("abort", this.#onAbort);
  }
}

/**
 * In TLS 1.3 the client's handshake is over before the server has looked at its certificate, so a refusal comes as an
 * alert on an open connection, or as its closing alone.
 */
const REFUSED =
  "the target closed the connection after the TLS handshake, as one does that requires a client certificate";

/** Credentials never leave the origin (scheme, host and port), so neither does a request. */
function redirectTarget(location: string, from: URL): URL | FetchFault {
  if (!URL.canParse(location, from)) {
    return fault("redirect", "the location is not a URL");
  }
  const next = new URL(location, from);
  return next.origin === from.origin
    ? next
    : fault("redirect", `to another origin: ${redactUrl(next.href)}`);
}
