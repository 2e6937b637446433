import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SECOND } from "../../src/units.ts";
import type { Contender, Scene } from "../contenders/contender.ts";
import { readRooflineCount } from "../contenders/roofline.ts";
import { ServerHandle } from "../servers/server-handle.ts";
import type {
  SinkCount,
  SinkOrder,
  TargetsCount,
  TargetsOrder,
} from "../servers/server-messages.ts";
import type { Workload } from "../workload/workload.ts";
import { Burners } from "./burners.ts";
import { freePort } from "./free-port.ts";
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
  readonly process: MeasuredProcess;
  readonly signal: AbortSignal;
}

interface Reading {
  readonly atMs: number;
  readonly usage: ProcessUsage;
  readonly targets: TargetsCount;
  readonly sink: SinkCount;
}

/** One contender on one workload: own servers, own directory, everything gone afterwards. */
export async function measureRun(
  contender: Contender,
  workload: Workload,
  settings: RunSettings,
  options: { readonly path: string; readonly signal: AbortSignal },
): Promise<RunOutcome> {
  const { seed, encoding } = settings;
  const dir = await mkdtemp(join(tmpdir(), "promline-bench-"));
  const stack = new AsyncDisposableStack();
  try {
    const sink = await ServerHandle.start<SinkOrder>({ role: "sink" });
    stack.defer(() => sink.stop());
    const order: TargetsOrder = { role: "targets", parts: workload.parts, seed, encoding };
    const targets = await ServerHandle.start(order);
    stack.defer(() => targets.stop());
    const scene: Scene = {
      workload,
      seed,
      targetsPort: targets.port,
      sinkPort: sink.port,
      adminPort: await freePort(),
      dir,
    };
    const prepared = await contender.prepare(scene);
    if (prepared.kind === "unfit") {
      return { kind: "skipped", why: prepared.why };
    }
    const process = await MeasuredProcess.start(prepared.command, dir, options.path);
    stack.defer(() => process.stop());
    const stage: Stage = { contender, workload, settings, targets, sink, process, ...options };
    return await measureStage(stage);
  } catch (error) {
    options.signal.throwIfAborted();
    return { kind: "failed", why: error instanceof Error ? error.message : String(error) };
  } finally {
    await stack.disposeAsync();
    await rm(dir, { recursive: true, force: true });
  }
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
    const warmUp = Math.max(settings.warmUp, interval, firstScrapesSeconds);
    await sleep(warmUp * SECOND, undefined, { signal });
    const before = await read(stage);
    const windowSeconds = Math.max(2, Math.ceil(settings.window / interval)) * interval;
    const rss = await watchRss(stage, before.atMs + windowSeconds * SECOND);
    const after = await read(stage);
    burners.stop();
    const drained = await drain(stage);
    const measurement = measured(stage, { before, after, drained, rss });
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
  const counts = await Promise.all([targets.count(), sink.count()]);
  return { atMs: performance.now(), usage, targets: counts[0], sink: counts[1] };
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
}

function measured({ contender, workload }: Stage, readings: Readings): Measurement {
  const { before, after, drained, rss } = readings;
  const { probedWireBytes, probedLevel1Bytes } = drained.sink;
  return {
    workload: workload.name,
    contender: contender.name,
    windowSeconds: (after.atMs - before.atMs) / SECOND,
    cpuSeconds: after.usage.cpuSeconds - before.usage.cpuSeconds,
    steadyRssBytes: median(rss),
    peakRssBytes: after.usage.peakRssBytes,
    scrapes: after.targets.scrapes - before.targets.scrapes,
    scraped: after.targets.samples - before.targets.samples,
    kept: after.targets.kept - before.targets.kept,
    scrapedBytes: after.targets.bytes - before.targets.bytes,
    delivered: after.sink.samples - before.sink.samples,
    ownSamples: after.sink.ownSamples - before.sink.ownSamples,
    staleMarkers: after.sink.staleMarkers - before.sink.staleMarkers,
    wireBytes: after.sink.wireBytes - before.sink.wireBytes,
    sizeToLevel1: probedLevel1Bytes === 0 ? undefined : probedWireBytes / probedLevel1Bytes,
    missedTicks: after.targets.missedTicks - before.targets.missedTicks,
    expectedInAll: drained.expected,
    deliveredInAll: drained.delivered,
    sinkFaults: drained.sink.faults,
  };
}
