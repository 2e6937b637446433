import { type Clock, systemClock } from "../clock.ts";
import type { Names } from "../dial/names.ts";
import { systemNames } from "../dial/system-names.ts";
import type { PageSink } from "../page-sink.ts";
import type { ScrapeLimits } from "../scrape-limits.ts";
import { TlsIdentities } from "../tls/tls-identities.ts";
import { fault } from "./fetch-fault.ts";
import type { FetchOutcome } from "./fetch-outcome.ts";
import { ConnectionPool } from "./http1/connection-pool.ts";
import { type ActiveTime, threadActiveTime } from "./own-time.ts";
import { type FetchMeans, PageFetch } from "./page-fetch.ts";
import type { PageRequest } from "./page-request.ts";
import { RequestPlans } from "./request-plans.ts";
import { RunningFetches } from "./running-fetches.ts";

export interface PageFetcherOptions {
  /** Says when TLS files are looked at again. */
  readonly clock?: Clock;
  /** Connections kept open between scrapes, over all targets; those in use are not counted. */
  readonly maxIdleConnections?: number;
  readonly active?: ActiveTime;
  /** Default: those of the process, which live in its main thread. */
  readonly names?: Names;
}

const MAX_IDLE_CONNECTIONS = 1024;

/** Fetches pages over HTTP/1.1; keeps connections and TLS identities between fetches. One instance a lane. */
export class PageFetcher {
  readonly #identities: TlsIdentities;
  readonly #means: FetchMeans;

  constructor(options: PageFetcherOptions = {}) {
    const { maxIdleConnections = MAX_IDLE_CONNECTIONS, names = systemNames } = options;
    const pool = new ConnectionPool(maxIdleConnections, names);
    this.#identities = new TlsIdentities(options.clock ?? systemClock, (identity) =>
      pool.retire(identity),
    );
    this.#means = {
      pool,
      plans: new RequestPlans(this.#identities),
      running: new RunningFetches(),
      active: options.active ?? threadActiveTime,
    };
  }

  /**
   * One GET, redirects within the origin included. When it resolves the sink has had every byte it will get. What the
   * target, the network or the configuration does wrong is the outcome; it rejects only with what the sink itself threw.
   */
  fetch(
    request: PageRequest,
    limits: ScrapeLimits,
    sink: PageSink,
    signal: AbortSignal,
  ): Promise<FetchOutcome> {
    return new PageFetch(this.#means, limits, sink, signal).run(request);
  }

  /** The target is gone: closes what is kept for its origin. Others that share the origin connect again. */
  forget(request: PageRequest): void {
    const origin = URL.canParse(request.url) ? new URL(request.url).origin : undefined;
    const { pool } = this.#means;
    pool.drop(({ url, udsPath }) => url.origin === origin && udsPath === request.udsPath);
    if (request.tls !== undefined) {
      this.#identities.forget(request.tls, (identity) => pool.uses(identity));
    }
  }

  /** Ends running fetches as `aborted`, closes every connection and resolves when the sockets are closed. */
  async close(): Promise<void> {
    this.#means.running.cutAll(fault("aborted", "the fetcher was closed"));
    await this.#means.pool.close();
  }
}
