import { expect, test } from "vitest";
import { ScrapeReporter } from "../../src/agent/scrape-reporter.ts";
import type { ScrapeReport } from "../../src/scrape/scrape-report.ts";
import type { ScrapeTarget } from "../../src/scrape/scrape-target.ts";
import { TargetsView } from "../../src/telemetry/admin/targets-view.ts";
import type { ThrottledLog } from "../../src/telemetry/log/throttled-log.ts";
import { AgentMetrics } from "../../src/telemetry/metrics/metrics.ts";
import { failedReport, scrapeReport } from "../telemetry/scrape-report-fixture.ts";

const TARGET = { key: "k" } as ScrapeTarget;

function reporting(isKnown = true) {
  const said: string[] = [];
  const log = {
    say: (severity: string, _key: string, message: string) => said.push(`${severity} ${message}`),
  } as unknown as ThrottledLog;
  const recorded: string[] = [];
  const view = new TargetsView();
  const reporter = new ScrapeReporter(
    new AgentMetrics(() => view.health()),
    view,
    log,
    () => (isKnown ? { url: "u", source: "s" } : undefined),
    (key) => recorded.push(key),
  );
  const report = (one: ScrapeReport) => reporter.onReport(TARGET, { atMs: 0 } as never, one);
  return { said, recorded, reporter, report };
}

const CLEAN = { faults: [] };

test("a failure is said, and once when it is over", () => {
  const { said, report } = reporting();
  report(failedReport());
  report(scrapeReport(CLEAN));
  report(scrapeReport(CLEAN));
  expect(said).toEqual(["warn scrape failed", "info scrape works again"]);
});

test("malformed lines of a page that was read are said", () => {
  const { said, report } = reporting();
  report(scrapeReport());
  expect(said).toEqual(["warn malformed lines were skipped"]);
});

test("a target that was removed meanwhile is counted and not spoken of", () => {
  const { said, recorded, report } = reporting(false);
  report(failedReport());
  expect([said, recorded]).toEqual([[], ["k"]]);
});

test("a missed tick is said", () => {
  const { said, reporter } = reporting();
  reporter.onMissed(TARGET, "busy" as never, 2);
  expect(said).toEqual(["warn scrape missed its tick"]);
});
