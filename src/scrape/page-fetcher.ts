import { type Clock, systemClock } from "../clock.ts";
import { redactUrl } from "../redact.ts";
import { readBearerToken } from "./bearer-token.ts";
import { type Connection, ConnectionPool } from "./connection-pool.ts";
import type { Endpoint } from "./connector.ts";
import { Exchange, type ExchangeEnd } from "./exchange.ts";
import { FetchDeadline } from "./fetch-deadline.ts";
import { classifyError, type FetchFault, fault } from "./fetch-fault.ts";
import type { FetchOutcome } from "./fetch-outcome.ts";
import type { ByteTally } from "./page-gate.ts";
import type { PageSink } from "./page-sink.ts";
import { planRequest, type RequestPlan } from "./request-plan.ts";
import type { PageRequest, ScrapeLimits } from "./scrape-target.ts";
import { TlsIdentities } from "./tls-identity.ts";

export interface PageFetcherOptions {
  /** Says when TLS files are looked at again. */
  readonly clock?: Clock;
  /** Connections kept open between scrapes, over all targets; those in use are not counted. */
  readonly maxIdleConnections?: number;
}

const MAX_IDLE_CONNECTIONS = 1024;
const MAX_REDIRECTS = 5;

type Ended = Exclude<ExchangeEnd, { kind: "redirect" }>;

/** Fetches pages over HTTP/1.1; keeps connections and TLS identities between fetches. One instance a lane. */
export class PageFetcher {
  readonly #pool: ConnectionPool;
  readonly #identities: TlsIdentities;
  readonly #running = new Set<FetchDeadline>();

  constructor(options: PageFetcherOptions = {}) {
    this.#pool = new ConnectionPool(options.maxIdleConnections ?? MAX_IDLE_CONNECTIONS);
    this.#identities = new TlsIdentities(options.clock ?? systemClock, (identity) =>
      this.#pool.retire(identity),
    );
  }

  /**
   * One GET, redirects within the origin included. When it resolves the sink has had every byte it will get. What the
   * target, the network or the configuration does wrong is the outcome; it rejects only with what the sink itself threw.
   */
  async fetch(
    request: PageRequest,
    limits: ScrapeLimits,
    sink: PageSink,
    signal: AbortSignal,
  ): Promise<FetchOutcome> {
    const tally: ByteTally = { wireBytes: 0, bodyBytes: 0 };
    const deadline = new FetchDeadline(limits.totalTimeoutMs, signal);
    this.#running.add(deadline);
    try {
      // The deadline ends waiting for files too: a dead mount must not hold a scrape.
      const end = await Promise.race([
        this.#run(request, limits, sink, deadline, tally),
        deadline.passed,
      ]);
      return outcomeOf(end, tally);
    } finally {
      deadline.stop();
      this.#running.delete(deadline);
    }
  }

  /** The target is gone: closes what is kept for its origin. Others that share the origin connect again. */
  forget(request: PageRequest): void {
    const origin = URL.canParse(request.url) ? new URL(request.url).origin : undefined;
    this.#pool.drop(({ url, udsPath }) => url.origin === origin && udsPath === request.udsPath);
    if (request.tls !== undefined) {
      this.#identities.forget(request.tls, (identity) => this.#pool.uses(identity));
    }
  }

  /** Ends running fetches as `aborted`, closes every connection and resolves when the sockets are closed. */
  async close(): Promise<void> {
    for (const deadline of this.#running) {
      deadline.pass(fault("aborted", "the fetcher was closed"));
    }
    await this.#pool.close();
  }

  async #run(
    request: PageRequest,
    limits: ScrapeLimits,
    sink: PageSink,
    deadline: FetchDeadline,
    tally: ByteTally,
  ): Promise<Ended | FetchFault> {
    const token = request.bearer === undefined ? undefined : await readBearerToken(request.bearer);
    if (typeof token === "object") {
      return token;
    }
    const plan = planRequest(request, limits.totalTimeoutMs, token);
    if ("kind" in plan) {
      return plan;
    }
    const endpoint = await this.#endpointOf(request, plan, limits);
    if ("kind" in endpoint) {
      return endpoint;
    }
    let { url } = plan;
    for (let redirects = 0; ; redirects++) {
      const path = `${url.pathname}${url.search}`;
      const ask = { endpoint, path, headers: plan.headers, limits, sink, deadline, tally };
      const end = await this.#exchange(ask);
      if (end.kind !== "redirect") {
        return end;
      }
      const next = redirectTarget(end.location, url);
      if ("kind" in next || redirects === MAX_REDIRECTS) {
        const loop = fault("redirect", `more than ${MAX_REDIRECTS} redirects`);
        const trouble = "kind" in next ? next : loop;
        return { kind: "failed", fault: trouble, status: end.status, ...ENDED };
      }
      url = next;
    }
  }

  async #endpointOf(
    request: PageRequest,
    plan: RequestPlan,
    limits: ScrapeLimits,
  ): Promise<Endpoint | FetchFault> {
    const { udsPath } = request;
    const plain: Endpoint = {
      url: plan.url,
      headerBytes: limits.headerBytes,
      ...(udsPath === undefined ? {} : { udsPath }),
    };
    if (plan.url.protocol === "http:") {
      return plain;
    }
    const identity = await this.#identities.get(request.tls);
    return "kind" in identity ? identity : { ...plain, identity };
  }

  /** Sends one request; a kept connection that turns out to be closed is replaced by a new one, once. */
  async #exchange(ask: Ask): Promise<ExchangeEnd> {
    const kept = this.#pool.take(ask.endpoint, ask.limits.connectTimeoutMs, false);
    const wasUsed = kept.used;
    const end = await this.#send(kept, ask);
    const closed =
      end.kind === "failed" && end.unanswered && end.fault.reason === "connection_reset";
    if (!closed || ask.deadline.over) {
      return end;
    }
    if (!wasUsed) {
      return ask.endpoint.identity === undefined
        ? end
        : { ...end, fault: refusalOf(kept.firstError) };
    }
    return this.#send(this.#pool.take(ask.endpoint, ask.limits.connectTimeoutMs, true), ask);
  }

  async #send(connection: Connection, ask: Ask): Promise<ExchangeEnd> {
    const { limits, sink, deadline, tally } = ask;
    const exchange = new Exchange(sink, limits, tally, connection.reads);
    let reusable = false;
    deadline.onPassed((reason) => exchange.cut(reason));
    try {
      if (!deadline.over) {
        connection.client.dispatch(
          {
            method: "GET",
            path: ask.path,
            headers: [...ask.headers],
            headersTimeout: limits.idleTimeoutMs,
            bodyTimeout: limits.idleTimeoutMs,
          },
          exchange,
        );
      }
      const end = await exchange.end;
      ({ reusable } = end);
      return end;
    } finally {
      this.#pool.give(connection, reusable);
    }
  }
}

interface Ask {
  readonly endpoint: Endpoint;
  readonly path: string;
  readonly headers: readonly string[];
  readonly limits: ScrapeLimits;
  readonly sink: PageSink;
  readonly deadline: FetchDeadline;
  readonly tally: ByteTally;
}

const ENDED = { reusable: false, unanswered: false } as const;

/**
 * In TLS 1.3 the client's handshake is over before the server has looked at its certificate, so a refusal comes as an
 * alert on an open connection, which undici overwrites with the closing that follows, or as the closing alone.
 */
function refusalOf(firstError: Error | undefined): FetchFault {
  const alert = firstError === undefined ? undefined : classifyError(firstError, "waiting");
  const detail =
    "the target closed the connection after the TLS handshake, as one does that requires a client certificate";
  return alert?.reason === "tls" ? alert : fault("connection_reset", detail);
}

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

function outcomeOf(end: Ended | FetchFault, tally: ByteTally): FetchOutcome {
  const { wireBytes, bodyBytes } = tally;
  if (end.kind === "page") {
    return { kind: "ok", status: end.status, wireBytes, bodyBytes };
  }
  const { reason, detail } = end.kind === "fault" ? end : end.fault;
  const status = end.kind === "fault" ? undefined : end.status;
  return {
    kind: "failed",
    reason,
    detail,
    ...(status === undefined ? {} : { status }),
    wireBytes,
    bodyBytes,
  };
}
