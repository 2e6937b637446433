import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SECOND } from "../../src/units.ts";
import type { Contender, Scene } from "../contenders/contender.ts";
import { readRooflineCount } from "../contenders/roofline.ts";
import type { Network, NetworkKind } from "../network/network.ts";
import { ServerHandle } from "../servers/server-handle.ts";
import type {
  SinkCount,
  SinkOrder,
  TargetsCount,
  TargetsOrder,
} from "../servers/server-messages.ts";
import { targetAddress } from "../workload/target-address.ts";
import type { Workload } from "../workload/workload.ts";
import { Burners } from "./burners.ts";
import { MeasuredProcess } from "./measured-process.ts";
import { type Measurement, median, type RunOutcome } from "./measurement.ts";
import { type ProcessUsage, processUsage } from "./process-usage.ts";
import type { RunSettings } from "./run-settings.ts";

const LOOK_EVERY_MS = 500;
/** To the first scrape of every target, beside one interval. */
const START_MS = 60_000;

interface Stage {
  readonly contender: Contender;
  readonly workload: Workload;
  readonly settings: RunSettings;
  readonly targets: ServerHandle<TargetsOrder>;
  readonly sink: ServerHandle<SinkOrder>;
  readonly scene: Scene;
  readonly startedAtMs: number;
  readonly process: MeasuredProcess;
  readonly signal: AbortSignal;
}

interface Reading {
  readonly atMs: number;
  readonly usage: ProcessUsage;
  readonly targetsCpuSeconds: number;
  readonly targets: TargetsCount;
  readonly sink: SinkCount;
}

export interface RunOptions {
  readonly network: NetworkKind;
  readonly path: string;
  readonly signal: AbortSignal;
}

/** One contender on one workload: own network, own servers, own directory, everything gone afterwards. */
export async function measureRun(
  contender: Contender,
  workload: Workload,
  settings: RunSettings,
  options: RunOptions,
): Promise<RunOutcome> {
  const { seed } = settings;
  const dir = await mkdtemp(join(tmpdir(), "promline-bench-"));
  const stack = new AsyncDisposableStack();
  try {
    const network = await options.network.open();
    stack.defer(() => network.stop());
    const sinkOrder: SinkOrder = { role: "sink", host: network.sinkHost };
    const sink = await ServerHandle.start(sinkOrder, network.pods);
    stack.defer(() => sink.stop());
    const targets = await ServerHandle.start(targetsOrder(workload, network, seed), network.pods);
    stack.defer(() => targets.stop());
    const scene: Scene = {
      workload,
      seed,
      network,
      targetsPort: targets.port,
      sinkPort: sink.port,
      adminPort: await network.adminPort(),
      dir,
    };
    const prepared = await contender.prepare(scene);
    if (prepared.kind === "unfit") {
      return { kind: "skipped", why: prepared.why };
    }
    const { path, signal } = options;
    const launcher = network.agent;
    const startedAtMs = performance.now();
    const process = await MeasuredProcess.start(prepared.command, dir, { path, launcher });
    stack.defer(() => process.stop());
    const actors = { contender, targets, sink, process };
    return await measureStage({ ...actors, workload, settings, scene, startedAtMs, signal });
  } catch (error) {
    options.signal.throwIfAborted();
    return { kind: "failed", why: error instanceof Error ? error.message : String(error) };
  } finally {
    await stack.disposeAsync();
    await rm(dir, { recursive: true, force: true });
  }
}

function targetsOrder(workload: Workload, network: Network, seed: number): TargetsOrder {
  const targets = workload.parts.reduce((sum, part) => sum + part.targets, 0);
  return {
    role: "targets",
    parts: workload.parts,
    seed,
    addresses: Array.from({ length: targets }, (_, index) => targetAddress(network.prefix, index)),
    encoding: workload.compresses === true ? "negotiate" : "identity",
  };
}

async function measureStage(stage: Stage): Promise<RunOutcome> {
  const { settings, process, signal } = stage;
  const interval = slowestSeconds(stage.workload);
  const burners = new Burners();
  try {
    await scrapedOnce(stage, interval);
    if (stage.workload.busy) {
      burners.start();
    }
    const { firstScrapesSeconds = 0 } = stage.workload;
    const left = stage.startedAtMs + settings.warmUp * SECOND - performance.now();
    const warmUpMs = Math.max(left, interval * SECOND, firstScrapesSeconds * SECOND);
    await sleep(warmUpMs, undefined, { signal });
    const before = await read(stage);
    const windowSeconds = Math.max(2, Math.ceil(settings.window / interval)) * interval;
    const rss = await watchRss(stage, before.atMs + windowSeconds * SECOND);
    const after = await read(stage);
    burners.stop();
    const remark = await stage.contender.examine?.(stage.scene, process.output);
    const drained = await drain(stage);
    const measurement = measured(stage, { before, after, drained, rss, remark });
    return { kind: "measured", measurement };
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    return { kind: "failed", why: `${why}\n${await process.tail()}` };
  } finally {
    burners.stop();
  }
}

function slowestSeconds({ parts }: Workload): number {
  return Math.max(...parts.map(({ intervalSeconds }) => intervalSeconds));
}

/** Waits until every target was asked at least once. */
async function scrapedOnce(stage: Stage, interval: number): Promise<void> {
  const deadline = performance.now() + START_MS + interval * SECOND;
  for (;;) {
    const { waiting } = await stage.targets.count();
    if (waiting === 0) {
      return;
    }
    if (!stage.process.running) {
      throw new Error("it ended before it had scraped everything");
    }
    if (performance.now() > deadline) {
      throw new Error(`${waiting} targets were never scraped`);
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal: stage.signal });
  }
}

async function read({ process, targets, sink }: Stage): Promise<Reading> {
  const usage = await processUsage(process.pid);
  if (usage === undefined || !process.running) {
    throw new Error("it ended within the run");
  }
  const counts = await Promise.all([targets.count(), sink.count(), processUsage(targets.pid)]);
  return {
    atMs: performance.now(),
    usage,
    targets: counts[0],
    sink: counts[1],
    targetsCpuSeconds: counts[2]?.cpuSeconds ?? Number.NaN,
  };
}

async function watchRss({ process, signal }: Stage, untilMs: number): Promise<number[]> {
  const seen: number[] = [];
  for (;;) {
    const left = untilMs - performance.now();
    if (left <= 0) {
      return seen;
    }
    const usage = await processUsage(process.pid);
    if (usage !== undefined) {
      seen.push(usage.rssBytes);
    }
    await sleep(Math.min(LOOK_EVERY_MS, left), undefined, { signal });
  }
}

interface Totals {
  readonly expected: number;
  readonly delivered: number;
  readonly sink: SinkCount;
}

/** No page goes out any more; waits for what is on its way. The roofline says what it has found in the pages. */
async function drain({
  contender,
  settings,
  targets,
  sink,
  process,
  signal,
}: Stage): Promise<Totals> {
  targets.pause();
  if (!contender.delivers) {
    await process.stop();
    const count = await readRooflineCount(process.output);
    const { samples } = await targets.count();
    const delivered = (count?.lines ?? 0) - (count?.comments ?? 0);
    return { expected: samples, delivered, sink: await sink.count() };
  }
  const deadline = performance.now() + settings.drain * SECOND;
  for (;;) {
    const [{ kept }, count] = await Promise.all([targets.count(), sink.count()]);
    if (count.samples >= kept || performance.now() > deadline) {
      return { expected: kept, delivered: count.samples, sink: count };
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

interface Readings {
  readonly before: Reading;
  readonly after: Reading;
  readonly drained: Totals;
  readonly rss: readonly number[];
  readonly remark: string | undefined;
}

function measured(stage: Stage, readings: Readings): Measurement {
  const { contender, workload, startedAtMs } = stage;
  const { before, after, drained, rss, remark } = readings;
  const { probedWireBytes, probedLevel1Bytes } = drained.sink;
  return {
    workload: workload.name,
    contender: contender.name,
    compresses: workload.compresses === true,
    first: {
      seconds: (before.atMs - startedAtMs) / SECOND,
      cpuSeconds: before.usage.cpuSeconds,
      scraped: before.targets.samples,
      missedTicks: before.targets.missedTicks,
    },
    windowSeconds: (after.atMs - before.atMs) / SECOND,
    cpuSeconds: after.usage.cpuSeconds - before.usage.cpuSeconds,
    steadyRssBytes: median(rss),
    peakRssBytes: after.usage.peakRssBytes,
    scrapes: after.targets.scrapes - before.targets.scrapes,
    scraped: after.targets.samples - before.targets.samples,
    kept: after.targets.kept - before.targets.kept,
    scrapedBytes: after.targets.bytes - before.targets.bytes,
    sentBytes: after.targets.sentBytes - before.targets.sentBytes,
    compressed: after.targets.compressed - before.targets.compressed,
    encodings: encodingsSince(before.targets, after.targets),
    targetsCpuSeconds: after.targetsCpuSeconds - before.targetsCpuSeconds,
    delivered: after.sink.samples - before.sink.samples,
    ownSamples: after.sink.ownSamples - before.sink.ownSamples,
    staleMarkers: after.sink.staleMarkers - before.sink.staleMarkers,
    wireBytes: after.sink.wireBytes - before.sink.wireBytes,
    sizeToLevel1: probedLevel1Bytes === 0 ? undefined : probedWireBytes / probedLevel1Bytes,
    missedTicks: after.targets.missedTicks - before.targets.missedTicks,
    expectedInAll: drained.expected,
    deliveredInAll: drained.delivered,
    sinkFaults: drained.sink.faults,
    ...(remark === undefined ? {} : { remark }),
  };
}

function encodingsSince(before: TargetsCount, after: TargetsCount): Record<string, number> {
  const asked = Object.entries(after.encodings).map(([encoding, pages]) => {
    return [encoding, pages - (before.encodings[encoding] ?? 0)] as const;
  });
  return Object.fromEntries(asked.filter(([, pages]) => pages > 0));
}
