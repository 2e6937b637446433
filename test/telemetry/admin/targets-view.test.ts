import { expect, test } from "vitest";
import { type TargetDescription, TargetsView } from "../../../src/telemetry/admin/targets-view.ts";
import { failedReport, scrapeReport } from "../scrape-report-fixture.ts";

const AT_MS = Date.UTC(2024, 0, 2, 3, 4, 5);

const description = (changes: Partial<TargetDescription> = {}): TargetDescription => ({
  key: "k",
  url: "http://u:canary@h:1/m?token=canary",
  source: "node",
  file: "a.conf",
  line: 3,
  intervalMs: 90_000,
  timeoutMs: 1500,
  lane: 0,
  labels: { job: "node", instance: "h:1" },
  claims: [{ by: "a.conf", line: 3, source: "node", counts: true }],
  ...changes,
});

function view(...descriptions: TargetDescription[]): TargetsView {
  const targets = new TargetsView();
  targets.setTargets(descriptions.length === 0 ? [description()] : descriptions);
  return targets;
}

const first = (targets: TargetsView) => targets.page().data.activeTargets[0]!;

test("before its first scrape", () => {
  expect(view().page()).toEqual({
    status: "success",
    data: {
      activeTargets: [
        {
          scrapePool: "node",
          scrapeUrl: "http://***@h:1/m?token=***",
          health: "unknown",
          lastError: "",
          lastScrape: "0001-01-01T00:00:00Z",
          lastScrapeDuration: 0,
          scrapeInterval: "1m30s",
          scrapeTimeout: "1s500ms",
          labels: { job: "node", instance: "h:1" },
          promline: {
            declaredAt: { file: "a.conf", line: 3 },
            claims: [{ by: "a.conf", line: 3, source: "node", counts: true }],
            lane: 0,
            missedTicks: {},
          },
        },
      ],
      droppedTargets: [],
      droppedTargetCounts: {},
    },
  });
});

test("after a good scrape", () => {
  const targets = view();
  const { outcome: _, durationMs, ...shown } = scrapeReport();
  targets.recordScrape("k", scrapeReport(), AT_MS);
  targets.setNextTick("k", AT_MS + 90_000);
  targets.recordMissedTick("k", "overrun", 1);
  targets.recordMissedTick("k", "overrun", 1);
  expect(first(targets)).toMatchObject({
    health: "up",
    lastError: "",
    lastScrape: "2024-01-02T03:04:05.000Z",
    lastScrapeDuration: durationMs / 1000,
    promline: {
      nextTick: "2024-01-02T03:05:35.000Z",
      missedTicks: { overrun: 2 },
      lastScrape: { outcome: "ok", ...shown },
    },
  });
});

test("a failure is told without secrets, and the next good scrape clears it", () => {
  const targets = view();
  targets.recordScrape("k", failedReport("no http://canary@h/"), AT_MS);
  expect(first(targets)).toMatchObject({
    health: "down",
    lastError: "connect_refused: no http://***@h/",
    promline: { lastScrape: { outcome: "connect_refused" } },
  });
  targets.recordScrape("k", scrapeReport(), AT_MS);
  expect(first(targets)).toMatchObject({ health: "up", lastError: "" });
  expect(JSON.stringify(targets.page())).not.toContain("canary");
});

test("what a target makes us keep is bounded", () => {
  const targets = view();
  const fault = { line: 1, reason: "bad_value", excerpt: "x".repeat(10_000) } as const;
  targets.recordScrape("k", scrapeReport({ faults: Array(100).fill(fault) }), AT_MS);
  targets.recordScrape(
    "k",
    { ...failedReport("y".repeat(10_000)), faults: Array(100).fill(fault) },
    AT_MS,
  );
  const { lastError, promline } = first(targets);
  expect(lastError).toHaveLength(300);
  expect(promline.lastScrape?.faults.map(({ excerpt }) => excerpt.length)).toEqual(
    Array(5).fill(200),
  );
});

test("targets that stay keep their state, those that go are forgotten, late news of them too", () => {
  const targets = view(description({ key: "a" }), description({ key: "b", lane: 1 }));
  targets.recordScrape("a", scrapeReport(), AT_MS);
  targets.recordScrape("b", failedReport(), AT_MS);
  expect(targets.health()).toEqual({ up: 1, down: 1, unknown: 0 });
  targets.setTargets([description({ key: "c" }), description({ key: "a", line: 9 })]);
  targets.recordScrape("b", scrapeReport(), AT_MS);
  targets.recordMissedTick("b", "overrun", 1);
  targets.setNextTick("b", AT_MS);
  const shown = targets.page().data.activeTargets;
  expect(shown.map(({ health, promline }) => [health, promline.declaredAt.line])).toEqual([
    ["unknown", 3],
    ["up", 9],
  ]);
  expect(targets.health()).toEqual({ up: 1, down: 0, unknown: 1 });
});

test.each([
  ["/var/x.prom", "/var/x.prom"],
  ["htps://canary@h/", "htps://***@h/"],
  ["canary@host/x", "***"],
])("the address %s is shown as %s", (url, shown) => {
  expect(first(view(description({ url }))).scrapeUrl).toBe(shown);
});

test.each([
  [30_000, "30s"],
  [3_600_000, "1h"],
  [250, "250ms"],
  [0, "0s"],
])("%d ms are %s", (intervalMs, shown) => {
  expect(first(view(description({ intervalMs }))).scrapeInterval).toBe(shown);
});

test("pods are on the page where they are watched", () => {
  const pods = {
    kubernetes: { node: "n", synced: true, connected: false, pods: 3, ageSeconds: 301 },
    refusals: [],
  };
  expect(view().page(pods).data.promline).toEqual(pods);
  expect(view().page().data).not.toHaveProperty("promline");
});

test("what runs is on the page beside them", () => {
  const parts = { replay: true, deflate: false, inflate: true };
  const build = { version: "1.2.3", node: "26.0.0", kind: "compiled", ...parts } as const;
  expect(view().page({ build }).data.promline).toEqual({ build });
});

test("dropped targets as Prometheus has them: the first thousand, and how many there are", () => {
  const one = view();
  const target = { source: "node", discoveredLabels: { __address__: "h:1" } };
  one.setTargets([], [...Array.from({ length: 1200 }, () => target), { ...target, source: "b" }]);
  const { activeTargets, droppedTargets, droppedTargetCounts } = one.page().data;
  expect(activeTargets).toEqual([]);
  expect(droppedTargets).toHaveLength(1000);
  expect(droppedTargets[0]).toEqual({
    discoveredLabels: { __address__: "h:1" },
    scrapePool: "node",
  });
  expect(droppedTargetCounts).toEqual({ node: 1200, b: 1 });
});
