import { expect, test } from "vitest";
import type { Measurement } from "../../../native-bench/measure/measurement.ts";
import { judge } from "../../../native-bench/report/bars.ts";
import { summarize } from "../../../native-bench/report/summary.ts";

const RUN: Measurement = {
  workload: "W1",
  contender: "promline",
  compresses: false,
  first: { seconds: 60, cpuSeconds: 2, scraped: 1_000_000, missedTicks: 1 },
  sentBytes: 100,
  compressed: 0,
  encodings: { gzip: 1 },
  targetsCpuSeconds: 0.5,
  windowSeconds: 10,
  cpuSeconds: 1,
  steadyRssBytes: 50 * 2 ** 20,
  peakRssBytes: 60 * 2 ** 20,
  scrapes: 100,
  scraped: 1_000_000,
  kept: 1_000_000,
  scrapedBytes: 4e8,
  delivered: 1_000_000,
  ownSamples: 0,
  staleMarkers: 0,
  wireBytes: 1e7,
  sizeToLevel1: 1.1,
  missedTicks: 0,
  expectedInAll: 1_200_000,
  deliveredInAll: 1_200_000,
  sinkFaults: 0,
};

test("medians of the runs, the highest peak, all losses", () => {
  const [summary] = summarize([
    RUN,
    { ...RUN, cpuSeconds: 3, peakRssBytes: 90, deliveredInAll: 1_199_990 },
    { ...RUN, cpuSeconds: 2 },
  ]);
  expect(summary).toMatchObject({ runs: 3, cpuPerScraped: 2, cores: 0.2, lost: 10 });
  expect(summary?.peakRssBytes).toBe(60 * 2 ** 20);
});

test.each([
  [5, 8, true],
  [4.9, 8, false],
  [8, 5, true],
])("W1 with peers at %d and %d seconds: reached is %s", (vmagent, prometheus, reached) => {
  const summaries = summarize([
    RUN,
    { ...RUN, contender: "vmagent", cpuSeconds: vmagent },
    { ...RUN, contender: "prometheus", cpuSeconds: prometheus },
  ]);
  const [bar] = judge({ summaries, lanes: [] });
  expect(bar?.measured).toBeCloseTo(1 / Math.min(vmagent, prometheus));
  expect(bar?.reached).toBe(reached);
});

test("start and encodings of the runs stand beside the window", () => {
  const [summary] = summarize([
    { ...RUN, encodings: { gzip: 3, identity: 1 }, compressed: 75 },
    { ...RUN, encodings: { gzip: 6 }, compressed: 0 },
  ]);
  expect(summary).toMatchObject({
    asks: "gzip (90 %), identity (10 %)",
    compressedShare: 0.375,
    targetsCores: 0.05,
    firstSeconds: 60,
    firstCpuPerScraped: 2,
    firstMissedTicks: 2,
  });
});

test.each([
  [1.4, true],
  [1.6, false],
])("gzip with W1 at %d us: reached is %s", (cpuSeconds, reached) => {
  const summaries = summarize([RUN, { ...RUN, workload: "W1-gzip", cpuSeconds }]);
  const bar = judge({ summaries, lanes: [] }).find(({ what }) => what.includes("gzip adds"));
  expect(bar?.measured).toBeCloseTo(cpuSeconds - 1);
  expect(bar?.reached).toBe(reached);
});

test("what was not measured is not judged", () => {
  const bars = judge({ summaries: summarize([RUN]), lanes: [] });
  const judged = bars.filter(({ reached }) => reached !== undefined).map(({ what }) => what);
  expect(judged).toEqual([
    "W1: bytes sent, to the same text at zlib level 1",
    "W1: steady RSS, MiB",
  ]);
  expect(bars.length).toBe(23);
});

test("the curve of W7 is judged from 10 targets on", () => {
  const costs = { 1: 9, 10: 1, 100: 1.1, 500: 1.3 };
  const summaries = summarize(
    Object.entries(costs).map(([targets, cpuSeconds]) => {
      return { ...RUN, workload: `W7-${targets}`, cpuSeconds };
    }),
  );
  const bar = judge({ summaries, lanes: [] }).at(-1);
  expect(bar?.measured).toBeCloseTo(1.3);
  expect(bar?.reached).toBe(false);
});
