import type { PageLimits } from "../page-limits.ts";
import type { RulesConfig } from "../rules/rules-config.ts";
import type { Bearer, TlsConfig } from "../tls-config.ts";

/** How to ask for a page. Plain data: it crosses the thread boundary. */
export interface PageRequest {
  readonly url: string;
  /** Connect to this unix socket in place of the URL's host. */
  readonly udsPath?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bearer?: Bearer;
  readonly tls?: TlsConfig;
  /** `auto`: identity on loopback, gzip elsewhere. */
  readonly encoding: "auto" | "gzip" | "identity";
}

/** Bounds of one scrape. */
export interface ScrapeLimits extends PageLimits {
  /** Milliseconds from the start of the request to the end of the body. */
  readonly totalTimeoutMs: number;
}

/** Everything a lane needs to scrape one URL. Plain data: it crosses the thread boundary. */
export interface ScrapeTarget {
  /** Stable across reloads and restarts for the same URL and configuration. */
  readonly key: string;
  readonly page: PageSource;
  readonly rules: RulesConfig;
  readonly limits: ScrapeLimits;
  /** Connection errors yield nothing, not even an `up` point (`ignore_req_err`). */
  readonly ignoreRequestErrors: boolean;
  /** Say of each scrape how long it took, what it brought (`scrape_series`). */
  readonly ownSeries?: true;
  /** Payloads hold points that agree in these tags (`SinkGroups`); absent: points of all kinds. */
  readonly sinkKeys?: readonly string[];
  /** Tags of the `up` point; absent: none is made. */
  readonly up?: Readonly<Record<string, string>>;
}

/** `raw`: the body goes to `output` as it is, no points are made (`output`, `max_file_size`). */
export type PageSource =
  | { readonly kind: "http"; readonly request: PageRequest }
  | { readonly kind: "file"; readonly path: string }
  | {
      readonly kind: "raw";
      readonly request: PageRequest;
      readonly output: string;
      readonly maxFileBytes: number;
    };
