import { noLines } from "../../src/points/line-counts.ts";
import type { ScrapeReport } from "../../src/scrape/scrape-report.ts";
import type { ScrapeTarget } from "../../src/scrape/scrape-target.ts";

/** A target for tests that never open its URL; `url` tells a fake scraper what to do. */
export function target(key: string, url = "http://127.0.0.1:9/metrics"): ScrapeTarget {
  return {
    key,
    page: { kind: "http", request: { url, headers: {}, encoding: "identity" } },
    rules: {
      metricTypes: [],
      metricNameFilter: [],
      metricNameFilterIgnore: [],
      measurementPrefix: "",
      measurementName: "",
      measurements: [],
      keepExistMetricName: true,
      honorTimestamps: false,
      tagsIgnore: [],
      tagsRename: { overwriteExistTags: false, mapping: {} },
      ignoreTagKvMatch: {},
      disableInfoTag: false,
      overridingTags: {},
      addedTags: [],
    },
    limits: {
      totalTimeoutMs: 10_000,
      connectTimeoutMs: 3_000,
      connectionAgeMs: 300_000,
      idleTimeoutMs: 3_000,
      headerBytes: 16_384,
      bodyBytes: 1_073_741_824,
      decompressionRatio: 100,
      lineBytes: 1_048_576,
      labelsPerLine: 256,
      samples: 1_000_000,
    },
    ignoreRequestErrors: false,
  };
}

export function urlOf({ page }: ScrapeTarget): string {
  return page.kind === "file" ? page.path : page.request.url;
}

export function okReport(bodyBytes: number): ScrapeReport {
  return {
    outcome: { kind: "ok" },
    status: 200,
    wireBytes: bodyBytes,
    bodyBytes,
    durationMs: 1,
    counts: noLines(),
    faults: [],
    outputBytes: 0,
    compressedBytes: 0,
  };
}

export function failedReport(reason: "aborted" | "total_timeout"): ScrapeReport {
  return { ...okReport(0), outcome: { kind: "failed", reason, detail: reason } };
}
