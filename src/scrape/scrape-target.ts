import type { PageSource } from "../fetch/page-request.ts";
import type { RulesConfig } from "../rules/rules-config.ts";
import type { ScrapeLimits } from "../scrape-limits.ts";

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
