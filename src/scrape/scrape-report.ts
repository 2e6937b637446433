import type { LineFault } from "../exposition/line-fault.ts";
import type { FilterRule } from "../rules/filter-rule.ts";
import type { FetchFailure } from "./fetch-outcome.ts";

/** Why a well-formed sample makes no point although no rule filtered it. */
export type DropReason = "not_finite" | "no_field" | "series_key_too_long" | "info";

/**
 * Where every line of one page went. The ledger: lines = blank + comments + samples + malformed lines, and
 * samples = sent + filtered + dropped.
 */
export interface LineCounts {
  lines: number;
  blank: number;
  comments: number;
  /** Well-formed sample lines. */
  samples: number;
  /** Samples that are in points. */
  sent: number;
  /** Lines of line protocol written. */
  points: number;
  filtered: Record<FilterRule, number>;
  dropped: Record<DropReason, number>;
  malformed: Partial<Record<LineFault, number>>;
}

/** One malformed line as it may be shown: where, why, and an excerpt with quoted text masked. */
export interface FaultExample {
  readonly line: number;
  readonly reason: LineFault;
  readonly excerpt: string;
}

export type ScrapeFailure = FetchFailure | "no_samples" | "lane";

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
