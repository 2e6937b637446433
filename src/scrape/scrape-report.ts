import type { FetchFailure } from "../fetch/fetch-outcome.ts";
import type { FaultExample } from "../points/fault-example.ts";
import type { LineCounts } from "../points/line-counts.ts";

type ScrapeFailure = FetchFailure | "no_samples" | "lane";

/** What one scrape came to. Plain data: it crosses the thread boundary. */
export interface ScrapeReport {
  readonly outcome:
    | { readonly kind: "ok" }
    | { readonly kind: "failed"; readonly reason: ScrapeFailure; readonly detail: string };
  readonly status?: number;
  readonly wireBytes: number;
  readonly bodyBytes: number;
  readonly durationMs: number;
  readonly counts: LineCounts;
  readonly faults: readonly FaultExample[];
  /** Bytes of line protocol before and after compression. */
  readonly outputBytes: number;
  readonly compressedBytes: number;
}
