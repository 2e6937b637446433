import { type HeapProfiler, Session } from "node:inspector/promises";
import type { ScrapeTarget } from "../../src/scrape/scrape-target.ts";
import { Scraper } from "../../src/scrape/scraper.ts";
import { MIB, SECOND } from "../../src/units.ts";
import { ServerHandle } from "../servers/server-handle.ts";
import { targetAddress } from "../workload/target-address.ts";
import { benchLimits, benchRules } from "./bench-rules.ts";

/** What a lane allocates on V8's heap for scrapes of a page whose series it knows. */
export interface Allocations {
  /** Of the page. */
  readonly samples: number;
  readonly bytesPerScrape: number;
  /** Bytes a scrape, by the function that allocates, most first. */
  readonly functions: readonly (readonly [name: string, bytes: number])[];
}

const WARM_UP = 60;
const SCRAPES = 200;
/** Bytes between two allocations that are looked at, on average. */
const SAMPLING = 128;
const REPLAY_BYTES = 64 * MIB;

const limits = {
  ...benchLimits,
  totalTimeoutMs: 10 * SECOND,
  connectTimeoutMs: SECOND,
  connectionAgeMs: 300_000,
  idleTimeoutMs: SECOND,
  headerBytes: MIB,
  bodyBytes: 1024 * MIB,
  decompressionRatio: 1000,
};

/**
 * Everything a lane does, request to compressed payload, with pages of W1's kind: one of `samples` and one of ten times as many. What is
 * allocated for each sample shows as the difference.
 */
export async function measureAllocations(seed: number, samples: number): Promise<Allocations[]> {
  const results: Allocations[] = [];
  for (const size of [samples, 10 * samples]) {
    results.push(await allocationsOf(seed, size));
  }
  return results;
}

async function allocationsOf(seed: number, size: number): Promise<Allocations> {
  const recipe = { kind: "istio", size } as const;
  const part = { name: "istio", recipe, targets: 1, intervalSeconds: 5, churn: 0 };
  const address = targetAddress("127.0", 0);
  const server = await ServerHandle.start(
    { role: "targets", parts: [part], seed, addresses: [address], encoding: "identity" },
    [],
  );
  const scraper = new Scraper(undefined, REPLAY_BYTES);
  const session = new Session();
  session.connect();
  try {
    const target = istioTarget(`http://${address}:${server.port}/metrics`);
    let samples = 0;
    const scrape = async (times: number) => {
      for (let at = 0; at < times; at++) {
        const report = await scraper.scrape(target, at * SECOND, () => undefined, never);
        if (report.outcome.kind !== "ok") {
          throw new Error(`the scrape failed: ${JSON.stringify(report.outcome)}`);
        }
        samples = report.counts.samples;
      }
    };
    await scrape(WARM_UP);
    await session.post("HeapProfiler.startSampling", {
      samplingInterval: SAMPLING,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
    await scrape(SCRAPES);
    const { profile } = await session.post("HeapProfiler.stopSampling");
    return { samples, ...perScrape(profile.head) };
  } finally {
    session.disconnect();
    await scraper.close();
    server.stop();
  }
}

const never = new AbortController().signal;

function istioTarget(url: string): ScrapeTarget {
  const request = { url, headers: {}, encoding: "identity" } as const;
  const page = { kind: "http", request } as const;
  return { key: url, page, rules: benchRules(undefined), limits, ignoreRequestErrors: false };
}

function perScrape(head: HeapProfiler.SamplingHeapProfileNode): Omit<Allocations, "samples"> {
  const byFunction = new Map<string, number>();
  const add = ({ callFrame, selfSize, children }: HeapProfiler.SamplingHeapProfileNode): void => {
    const { functionName, url, lineNumber } = callFrame;
    const file = url.split("/").slice(-2).join("/");
    const name =
      file === "" ? functionName : `${functionName || "(anonymous)"} ${file}:${lineNumber + 1}`;
    byFunction.set(name, (byFunction.get(name) ?? 0) + selfSize / SCRAPES);
    children.forEach(add);
  };
  add(head);
  const functions = [...byFunction].sort(([, a], [, b]) => b - a);
  return { bytesPerScrape: functions.reduce((sum, [, bytes]) => sum + bytes, 0), functions };
}
