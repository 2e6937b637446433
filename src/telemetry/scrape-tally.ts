type Counts = Readonly<Record<string, number | undefined>>;

/**
 * What telemetry needs to know of one scrape. The report of the scrape room has this shape; reasons and rules are metric labels,
 * so they must come from a fixed set.
 */
export interface ScrapeTally {
  readonly outcome:
    | { readonly kind: "ok" }
    | { readonly kind: "failed"; readonly reason: string; readonly detail: string };
  readonly status?: number;
  readonly wireBytes: number;
  readonly bodyBytes: number;
  readonly durationMs: number;
  readonly counts: {
    readonly lines: number;
    readonly blank: number;
    readonly comments: number;
    readonly samples: number;
    readonly sent: number;
    readonly points: number;
    readonly timesCorrected: number;
    readonly filtered: Counts;
    readonly dropped: Counts;
    readonly malformed: Counts;
  };
  readonly faults: readonly {
    readonly line: number;
    readonly reason: string;
    readonly excerpt: string;
  }[];
  readonly outputBytes: number;
  readonly compressedBytes: number;
}

/** Targets by how their last scrape went; `unknown`: not scraped yet. */
export interface TargetHealthCounts {
  readonly up: number;
  readonly down: number;
  readonly unknown: number;
}
