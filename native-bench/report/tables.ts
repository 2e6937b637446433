import { MIB } from "../../src/units.ts";
import type { Allocations } from "../in-process/allocations.ts";
import type { LaneResult } from "../in-process/measure-lanes.ts";
import type { Workload } from "../workload/workload.ts";
import { type Bar, type BenchResults, toPeers } from "./bars.ts";
import type { Summary } from "./summary.ts";
import { textTable } from "./text-table.ts";

const AGENT_HEADER = [
  "workload",
  "contender",
  "runs",
  "cores",
  "scraped/s",
  "delivered/s",
  "us/scraped",
  "us/delivered",
  "to best peer",
  "RSS MiB",
  "RSS KiB/target",
  "peak MiB",
  "wire B/sample",
  "lost",
  "missed ticks",
];

/** One row for each workload and contender. */
export function agentTable(results: BenchResults, workloads: readonly Workload[]): string {
  const rows = results.summaries.map((summary) => {
    const workload = workloads.find(({ name }) => name === summary.workload);
    return agentRow(summary, results, workload);
  });
  return textTable(AGENT_HEADER, rows);
}

const PAGE_HEADER = [
  "workload",
  "contender",
  "asks for",
  "pages compressed",
  "page B/sample",
  "targets' cores",
  "first s",
  "first cores",
  "first us/scraped",
  "steady us/scraped",
  "first missed ticks",
];

/** Beside the table of the window: how the pages came, and what the time from the start to the window took. */
export function pageTable({ summaries }: BenchResults): string {
  const rows = summaries.map((summary) => [
    summary.workload,
    summary.contender,
    summary.asks,
    `${number(summary.compressedShare * 100, 0)} %`,
    number(summary.pageBytesPerSample, 1),
    number(summary.targetsCores, 3),
    number(summary.firstSeconds, 1),
    number(summary.firstCores, 3),
    number(summary.firstCpuPerScraped, 3),
    number(summary.cpuPerScraped, 3),
    String(summary.firstMissedTicks),
  ]);
  return textTable(PAGE_HEADER, rows);
}

function agentRow(
  summary: Summary,
  results: BenchResults,
  workload: Workload | undefined,
): string[] {
  const targets = workload?.parts.reduce((sum, part) => sum + part.targets, 0) ?? 0;
  const delivers = summary.contender !== "roofline";
  const best = toPeers(results, summary.workload, "cpuPerScraped", summary.contender);
  return [
    summary.workload,
    summary.contender,
    String(summary.runs),
    number(summary.cores, 3),
    number(summary.scrapedPerSecond, 0),
    delivers ? number(summary.deliveredPerSecond, 0) : "",
    number(summary.cpuPerScraped, 3),
    delivers ? number(summary.cpuPerDelivered, 3) : "",
    number(best, 2),
    number(summary.steadyRssBytes / MIB, 1),
    number(summary.steadyRssBytes / 1024 / targets, 0),
    number(summary.peakRssBytes / MIB, 1),
    delivers ? number(summary.wireBytesPerSample, 1) : "",
    String(summary.lost),
    String(summary.missedTicks),
  ];
}

export function laneTable(lanes: readonly LaneResult[]): string {
  const rows = lanes.map((lane) => [
    lane.name,
    lane.lines,
    number(lane.bytesPerSecond / 1e6, 0),
    number(lane.unitsPerSecond / 1e6, 3),
    number(lane.callMs, 2),
    String(lane.calls),
  ]);
  return textTable(["in-process lane", "lines", "MB/s", "M samples/s", "ms a call", "calls"], rows);
}

/** Functions that allocate less in a scrape are summed up. */
const LEAST_BYTES = 1000;

/** Beside each other: what a scrape allocates where its page is small, and where it is ten times as long. */
export function allocationTable([small, large]: readonly Allocations[]): string {
  if (small === undefined || large === undefined) {
    return "";
  }
  const ofSmall = new Map(small.functions);
  const shown = large.functions.filter(([, bytes]) => bytes >= LEAST_BYTES);
  const rest = ({ functions }: Allocations): number => {
    const named = new Set(shown.map(([name]) => name));
    return functions.reduce((sum, [name, bytes]) => (named.has(name) ? sum : sum + bytes), 0);
  };
  const perSample = (large.bytesPerScrape - small.bytesPerScrape) / (large.samples - small.samples);
  const row = (name: string, less: number, more: number) => [
    name,
    number(less, 0),
    number(more, 0),
  ];
  return textTable(
    ["bytes allocated in a scrape", `${small.samples} samples`, `${large.samples} samples`],
    [
      ...shown.map(([name, bytes]) => row(name, ofSmall.get(name) ?? 0, bytes)),
      row("all others", rest(small), rest(large)),
      row("together", small.bytesPerScrape, large.bytesPerScrape),
      ["for each sample more", "", number(perSample, 1)],
    ],
  );
}

export function barTable(bars: readonly Bar[]): string {
  const rows = bars.map(({ what, bar, measured, reached }) => [
    what,
    bar,
    number(measured, 2),
    reached === undefined ? "not measured" : reached ? "reached" : "missed",
  ]);
  return textTable(["what", "bar", "measured", "verdict"], rows);
}

function number(value: number | undefined, digits: number): string {
  return value === undefined || !Number.isFinite(value) ? "" : value.toFixed(digits);
}
