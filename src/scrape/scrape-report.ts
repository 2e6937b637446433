import type { LineFault } from "../exposition/line-fault.ts";
import type { FetchFailure } from "./fetch-outcome.ts";
import type { LineCounts } from "./line-counts.ts";

/** One malformed line as it may be shown: where, why, and an excerpt with quoted text masked. */
export interface FaultExample {
  readonly line: number;
  readonly reason: LineFault;
  readonly excerpt: string;
}

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
