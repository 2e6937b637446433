import { expect, test } from "vitest";
import { scrapeSummary } from "../../../src/agent/commands/once-summary.ts";
import { noLines } from "../../../src/points/line-counts.ts";
import type { ScrapeReport } from "../../../src/scrape/scrape-report.ts";
import { readOnceSummary } from "../../support/once-summary.ts";

function report(changes: Partial<ScrapeReport>): ScrapeReport {
  return {
    outcome: { kind: "ok" },
    wireBytes: 10,
    bodyBytes: 20,
    durationMs: 1.5,
    counts: noLines(),
    faults: [],
    outputBytes: 0,
    compressedBytes: 0,
    ...changes,
  };
}

test("the summary of a URL tells every count, and can be read by a program", () => {
  const counts = { ...noLines(), lines: 9, blank: 1, comments: 2, samples: 5, sent: 2, points: 1 };
  counts.filtered.metric_types = 2;
  counts.dropped.not_finite = 1;
  counts.malformed = { bad_value: 1 };
  const faults = [{ line: 7, reason: "bad_value", excerpt: "x y" } as const];
  const text = scrapeSummary("http://u:canary@h/m?t=canary", "a b", report({ counts, faults }));
  expect(text).not.toContain("canary");
  expect(text).toContain("    line 7: bad_value: x y\n");
  expect(readOnceSummary(text)).toEqual([
    {
      source: "a b",
      outcome: "ok",
      ...{ lines: 9, blank: 1, comments: 2, samples: 5, kept: 2, points: 1, malformed: 1 },
      filtered: { metric_types: 2 },
      dropped: { not_finite: 1 },
      malformedBy: { bad_value: 1 },
    },
  ]);
});

test("a failure is told with its reason", () => {
  const outcome = { kind: "failed", reason: "no_samples", detail: "no sample" } as const;
  const text = scrapeSummary("http://h/m", "s", report({ outcome, status: 200 }));
  expect(readOnceSummary(text)).toMatchObject([{ source: "s", outcome: "no_samples", lines: 0 }]);
});
