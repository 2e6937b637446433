import type { ScrapeReport } from "../../src/scrape/scrape-report.ts";

/** A good scrape of ten lines, with the ledger balanced. */
export function scrapeReport(changes: Partial<ScrapeReport> = {}): ScrapeReport {
  return {
    outcome: { kind: "ok" },
    status: 200,
    wireBytes: 100,
    bodyBytes: 400,
    durationMs: 20,
    counts: {
      lines: 12,
      blank: 1,
      comments: 2,
      samples: 7,
      sent: 3,
      timesCorrected: 0,
      points: 2,
      filtered: {
        metric_types: 1,
        metric_name_filter: 1,
        metric_name_filter_ignore: 0,
        metric_relabel_configs: 0,
      },
      dropped: { not_finite: 1, no_field: 0, series_key_too_long: 0, info: 1, series_limit: 0 },
      malformed: { bad_value: 2 },
    },
    faults: [{ line: 4, reason: "bad_value", excerpt: "a{b=***} x" }],
    outputBytes: 90,
    compressedBytes: 40,
    ...changes,
  };
}

export function failedReport(detail = "connect ECONNREFUSED"): ScrapeReport {
  return scrapeReport({ outcome: { kind: "failed", reason: "connect_refused", detail } });
}
