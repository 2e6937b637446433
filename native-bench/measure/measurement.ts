import type { ContenderName } from "../contenders/contender.ts";

/** One contender on one workload in one window, seen from outside. */
export interface Measurement {
  readonly workload: string;
  readonly contender: ContenderName;
  /** Its targets compress for whoever asks. */
  readonly compresses: boolean;
  /** From the start of the process to the window. */
  readonly first: FirstPhase;
  readonly windowSeconds: number;
  readonly cpuSeconds: number;
  /** Median of the samples taken through the window. */
  readonly steadyRssBytes: number;
  /** VmHWM at the end of the window. */
  readonly peakRssBytes: number;
  /** Pages that went out whole, their samples, and how many of these the filter keeps. */
  readonly scrapes: number;
  readonly scraped: number;
  readonly kept: number;
  readonly scrapedBytes: number;
  /** Of these bytes as they went out, and how many of the pages went out compressed. */
  readonly sentBytes: number;
  readonly compressed: number;
  /** Pages asked for, by the request's `Accept-Encoding`. */
  readonly encodings: Readonly<Record<string, number>>;
  /** CPU of the target server. */
  readonly targetsCpuSeconds: number;
  /** Samples of pages that reached the sink, and what the agent added to them. */
  readonly delivered: number;
  readonly ownSamples: number;
  readonly staleMarkers: number;
  readonly wireBytes: number;
  /** Of line protocol: size sent over size at zlib level 1. */
  readonly sizeToLevel1: number | undefined;
  readonly missedTicks: number;
  /** Over the whole life of the process, after the drain. */
  readonly expectedInAll: number;
  readonly deliveredInAll: number;
  readonly sinkFaults: number;
  /** What the contender says of itself. */
  readonly remark?: string;
}

/** Start-up, first scrapes, code that is not compiled yet: what the steady state does not show. */
interface FirstPhase {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly scraped: number;
  readonly missedTicks: number;
}

export type RunOutcome =
  | { readonly kind: "measured"; readonly measurement: Measurement }
  | { readonly kind: "skipped"; readonly why: string }
  | { readonly kind: "failed"; readonly why: string };

/** Microseconds. NaN where nothing was scraped. */
export function cpuPerScraped({
  cpuSeconds,
  scraped,
}: Pick<Measurement, "cpuSeconds" | "scraped">): number {
  return scraped === 0 ? Number.NaN : (cpuSeconds * 1e6) / scraped;
}

/** Microseconds. NaN where nothing was delivered. */
export function cpuPerDelivered({ cpuSeconds, delivered }: Measurement): number {
  return delivered === 0 ? Number.NaN : (cpuSeconds * 1e6) / delivered;
}

export function median(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
