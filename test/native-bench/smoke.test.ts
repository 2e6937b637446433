import { expect, test } from "vitest";
import type { Measurement } from "../../native-bench/measure/measurement.ts";
import { smokeFaults } from "../../native-bench/smoke.ts";

const GOOD: Measurement = {
  workload: "W1",
  contender: "vmagent",
  compresses: false,
  first: { seconds: 1, cpuSeconds: 1, scraped: 10, missedTicks: 0 },
  sentBytes: 100,
  compressed: 0,
  encodings: { gzip: 1 },
  targetsCpuSeconds: 0.5,
  windowSeconds: 2,
  cpuSeconds: 0,
  steadyRssBytes: 1,
  peakRssBytes: 1,
  scrapes: 1,
  scraped: 10,
  kept: 10,
  scrapedBytes: 100,
  delivered: 10,
  ownSamples: 0,
  staleMarkers: 0,
  wireBytes: 10,
  sizeToLevel1: undefined,
  missedTicks: 3,
  expectedInAll: 20,
  deliveredInAll: 20,
  sinkFaults: 0,
};

test.each([
  [{}, []],
  [{ deliveredInAll: 19 }, ["W1 vmagent: 19 samples arrived of 20"]],
  [{ deliveredInAll: 21 }, ["W1 vmagent: 21 samples arrived of 20"]],
  [{ scraped: 0 }, ["W1 vmagent: nothing was scraped within the window"]],
  [{ sinkFaults: 2 }, ["W1 vmagent: the sink could not read 2 bodies"]],
  [{ compresses: true }, ["W1 vmagent: it asked for gzip and got none"]],
  [{ compresses: true, compressed: 1 }, []],
  [{ compresses: true, encodings: { "(none)": 1 } }, []],
  [{ compressed: 1 }, ["W1 vmagent: pages were compressed"]],
  [{ expectedInAll: 0, deliveredInAll: 0 }, ["W1 vmagent: nothing was to be delivered"]],
])("with %j the smoke run finds %j", (changes, faults) => {
  const outcome = { kind: "measured", measurement: { ...GOOD, ...changes } } as const;
  const report = { workload: "W1", contender: "vmagent", outcome } as const;
  expect(smokeFaults([report], [])).toEqual(faults);
});

test("a run that failed and a lane that counted nothing are faults, a skipped run is none", () => {
  const run = { workload: "W1", contender: "roofline" } as const;
  const lane = {
    name: "encode",
    lines: "long",
    bytesPerSecond: 0,
    unitsPerSecond: 0,
    callMs: 0,
    calls: 3,
  } as const;
  const faults = smokeFaults(
    [
      { ...run, outcome: { kind: "failed", why: "it ended" } },
      { ...run, outcome: { kind: "skipped", why: "not here" } },
    ],
    [lane],
  );
  expect(faults).toEqual(["W1 roofline: it ended", "lane encode long: nothing was counted"]);
});
