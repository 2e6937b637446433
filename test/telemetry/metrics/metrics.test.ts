import { expect, test } from "vitest";
import { AgentMetrics } from "../../../src/telemetry/metrics/metrics.ts";
import { VERSION } from "../../../src/version.ts";
import { failedReport, scrapeReport } from "../scrape-report-fixture.ts";

const HEALTH = { up: 2, down: 1, unknown: 3 };

/** The samples of the page by name and labels. */
async function read(metrics: AgentMetrics): Promise<Map<string, number>> {
  const page = await metrics.page();
  const lines = page.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(" ")),
      Number(line.slice(line.lastIndexOf(" ") + 1)),
    ]),
  );
}

/** Sum over all labels of a metric. */
function sum(samples: Map<string, number>, name: string): number {
  return [...samples]
    .filter(([series]) => series === name || series.startsWith(`${name}{`))
    .reduce((total, [, value]) => total + value, 0);
}

test("a scrape is counted under the names of the ledger, which balances", async () => {
  const metrics = new AgentMetrics(() => HEALTH);
  metrics.recordScrape(scrapeReport());
  metrics.recordScrape(failedReport());
  const samples = await read(metrics);
  expect(samples.get('promline_scrapes_total{outcome="ok"}')).toBe(1);
  expect(samples.get('promline_scrapes_total{outcome="connect_refused"}')).toBe(1);
  expect(samples.get('promline_samples_filtered_total{rule="metric_types"}')).toBe(2);
  expect(samples.get('promline_samples_filtered_total{rule="metric_name_filter_ignore"}')).toBe(0);
  expect(samples.get('promline_lines_malformed_total{reason="bad_value"}')).toBe(4);
  expect(sum(samples, "promline_lines_read_total")).toBe(24);
  expect(sum(samples, "promline_lines_total")).toBe(24);
  expect(samples.get('promline_lines_total{fate="sample"}')).toBe(
    sum(samples, "promline_samples_sent_total") +
      sum(samples, "promline_samples_filtered_total") +
      sum(samples, "promline_samples_dropped_total"),
  );
  expect(sum(samples, "promline_lines_malformed_total")).toBe(
    samples.get('promline_lines_total{fate="malformed"}'),
  );
});

test("bytes, points and durations", async () => {
  const metrics = new AgentMetrics(() => HEALTH);
  metrics.recordScrape(scrapeReport());
  const samples = await read(metrics);
  expect([
    samples.get("promline_points_total"),
    samples.get("promline_scrape_wire_bytes_total"),
    samples.get("promline_scrape_body_bytes_total"),
    samples.get("promline_output_bytes_total"),
    samples.get("promline_output_compressed_bytes_total"),
    samples.get("promline_scrape_duration_seconds_sum"),
    samples.get('promline_scrape_duration_seconds_bucket{le="0.01"}'),
    samples.get('promline_scrape_duration_seconds_bucket{le="0.025"}'),
  ]).toEqual([2, 100, 400, 90, 40, 0.02, 0, 1]);
});

test("targets, ticks, lanes, reloads, build", async () => {
  const metrics = new AgentMetrics(() => HEALTH);
  metrics.recordMissedTick("overrun", 1);
  metrics.recordLaneReplacement();
  metrics.recordConfReload("kept");
  const samples = await read(metrics);
  expect(samples.get('promline_targets{health="up"}')).toBe(2);
  expect(samples.get('promline_targets{health="down"}')).toBe(1);
  expect(samples.get('promline_targets{health="unknown"}')).toBe(3);
  expect(samples.get('promline_ticks_missed_total{reason="overrun"}')).toBe(1);
  expect(samples.get("promline_lane_replacements_total")).toBe(1);
  expect(samples.get('promline_conf_reloads_total{result="kept"}')).toBe(1);
  const build = `promline_build_info{version="${VERSION}",node_version="${process.versions.node}"}`;
  expect(samples.get(build)).toBe(1);
});

test("says which parts are at work", async () => {
  const metrics = new AgentMetrics(() => HEALTH);
  metrics.showParts({ replay: true, deflate: false, inflate: true });
  const page = await metrics.page();
  expect(page).toContain("\npromline_replay_enabled 1\n");
  expect(page).toContain("\npromline_deflate_enabled 0\n");
});

test("every name is ours or a usual process name, has help, and no label names a target", async () => {
  const metrics = new AgentMetrics(() => HEALTH);
  metrics.recordScrape(scrapeReport());
  const page = await metrics.page();
  const names = [...page.matchAll(/^# HELP (\S+) (.+)$/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(30);
  for (const name of names) {
    expect(name).toMatch(/^(promline|process|nodejs)_[a-z_]+$/);
  }
  expect(page).not.toMatch(/[{,](target|url|instance|job)=/);
});
