import type { ContenderName } from "../contenders/contender.ts";
import {
  cpuPerDelivered,
  cpuPerScraped,
  type Measurement,
  median,
} from "../measure/measurement.ts";

/** The medians of a contender's runs on one workload. */
export interface Summary {
  readonly workload: string;
  readonly contender: ContenderName;
  readonly runs: number;
  /** `Accept-Encoding` of its requests, the most frequent first. */
  readonly asks: string;
  /** Share of the pages that came compressed, and bytes of pages over the network for each sample. */
  readonly compressedShare: number;
  readonly pageBytesPerSample: number;
  /** CPU of the target server, 1 = one core. */
  readonly targetsCores: number;
  /** From the start of the process to the window. */
  readonly firstSeconds: number;
  readonly firstCores: number;
  readonly firstCpuPerScraped: number;
  /** Of all runs. */
  readonly firstMissedTicks: number;
  /** Of one core, 1 = 100 %. */
  readonly cores: number;
  /** Microseconds. */
  readonly cpuPerScraped: number;
  readonly cpuPerDelivered: number;
  readonly scrapedPerSecond: number;
  readonly deliveredPerSecond: number;
  readonly steadyRssBytes: number;
  /** The highest of all runs: a peak is no matter of luck. */
  readonly peakRssBytes: number;
  /** Delivered to the sink, for each sample. */
  readonly wireBytesPerSample: number;
  readonly sizeToLevel1: number | undefined;
  /** Of all runs. */
  readonly missedTicks: number;
  /** Of all runs: samples served and kept by the filter that never reached the sink; below 0: some came twice. */
  readonly lost: number;
}

/** One summary for each workload and contender, in the order of the measurements. */
export function summarize(measurements: readonly Measurement[]): Summary[] {
  const groups = Map.groupBy(measurements, ({ workload, contender }) => `${workload} ${contender}`);
  return [...groups.values()].flatMap((runs) => {
    const [first] = runs;
    return first === undefined ? [] : [summarizeRuns(first, runs)];
  });
}

function summarizeRuns(first: Measurement, runs: readonly Measurement[]): Summary {
  const middle = (figure: (run: Measurement) => number): number => median(runs.map(figure));
  const sum = (figure: (run: Measurement) => number): number =>
    runs.reduce((total, run) => total + figure(run), 0);
  const ratios = runs.flatMap(({ sizeToLevel1 }) => sizeToLevel1 ?? []);
  return {
    workload: first.workload,
    contender: first.contender,
    runs: runs.length,
    asks: asksOf(runs),
    compressedShare: sum((run) => run.compressed) / sum((run) => run.scrapes),
    pageBytesPerSample: middle((run) => run.sentBytes / run.scraped),
    targetsCores: middle((run) => run.targetsCpuSeconds / run.windowSeconds),
    firstSeconds: middle(({ first }) => first.seconds),
    firstCores: middle(({ first }) => first.cpuSeconds / first.seconds),
    firstCpuPerScraped: middle(({ first }) => cpuPerScraped(first)),
    firstMissedTicks: sum(({ first }) => first.missedTicks),
    cores: middle((run) => run.cpuSeconds / run.windowSeconds),
    cpuPerScraped: middle(cpuPerScraped),
    cpuPerDelivered: middle(cpuPerDelivered),
    scrapedPerSecond: middle((run) => run.scraped / run.windowSeconds),
    deliveredPerSecond: middle((run) => run.delivered / run.windowSeconds),
    steadyRssBytes: middle((run) => run.steadyRssBytes),
    peakRssBytes: Math.max(...runs.map(({ peakRssBytes }) => peakRssBytes)),
    wireBytesPerSample: middle((run) => run.wireBytes / run.delivered),
    sizeToLevel1: ratios.length === 0 ? undefined : median(ratios),
    missedTicks: sum((run) => run.missedTicks),
    lost: sum((run) => run.expectedInAll - run.deliveredInAll),
  };
}

/** `gzip`; of more than one `gzip (90 %), identity (10 %)`. */
function asksOf(runs: readonly Measurement[]): string {
  const pages = new Map<string, number>();
  for (const [encoding, count] of runs.flatMap((run) => Object.entries(run.encodings))) {
    pages.set(encoding, (pages.get(encoding) ?? 0) + count);
  }
  const all = pages.values().reduce((sum, count) => sum + count, 0);
  const sorted = [...pages].toSorted((left, right) => right[1] - left[1]);
  return sorted
    .map(([encoding, count]) => {
      return count === all ? encoding : `${encoding} (${Math.round((count / all) * 100)} %)`;
    })
    .join(", ");
}
