import { execFile, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { MIB, SECOND } from "../../src/units.ts";
import { freePort } from "../measure/free-port.ts";
import { type GroupUsage, MemoryGroup } from "./memory-group.ts";
import type { DestinationMood, MemoryStage } from "./memory-stage.ts";

const LOOK_EVERY_MS = 200;
const STOP_MS = 15_000;
const START_SECONDS = 15;
/** Of what an agent said that was not well, characters. */
const LOG_TAIL = 3000;

export interface MemoryCase {
  readonly limitMib: number;
  /** Processors that the agent is made to believe in. */
  readonly cpus: number;
  readonly destination: DestinationMood;
  /** Indices of the stage's targets that are scraped each 5 s. */
  readonly targets: readonly number[];
  /** One scraped once a minute beside them, by index. */
  readonly huge: number | undefined;
  readonly seconds: number;
  /** What waits is in memory only. */
  readonly queueOff: boolean;
  /** A fixed number of lanes; 0: as the agent decides. */
  readonly lanes: number;
}

export interface MemoryOutcome {
  readonly peakBytes: number;
  /** Highest reading; five a second. */
  readonly anonymousBytes: number;
  /** Pages of files that are mapped, the program's own among them; highest reading. */
  readonly mappedBytes: number;
  /** In the second half of the run. */
  readonly refaultsPerSecond: number;
  readonly kills: number;
  /** Why it ended before it was told to. */
  readonly ended: string | undefined;
  /** Of `targets`, since the start; the huge page may be late. */
  readonly missedTicks: number;
  /** Of these, those in the first `START_SECONDS`: the first scrape of a target can outlast its first tick. */
  readonly missedAtStart: number;
  readonly failedScrapes: number;
  readonly lanes: number;
  readonly lostPoints: number;
  /** False: it never told any of these. */
  readonly answered: boolean;
}

/** What `/metrics` and `/api/v1/targets` have said last. */
interface Told {
  readonly missedTicks: number;
  readonly failedScrapes: number;
  readonly lanes: number;
  readonly lostPoints: number;
  readonly answered: boolean;
}

const NOTHING_TOLD: Told = {
  missedTicks: 0,
  failedScrapes: 0,
  lanes: 0,
  lostPoints: 0,
  answered: false,
};

/** One agent in one memory group for `seconds`. */
export async function runMemoryCase(
  one: MemoryCase,
  stage: MemoryStage,
  program: string,
  path: string,
): Promise<MemoryOutcome | { readonly why: string }> {
  const port = await freePort();
  const group = await MemoryGroup.make(`promline-memory-${port}`, one.limitMib * MIB);
  if (!(group instanceof MemoryGroup)) return group;
  const dir = await mkdtemp(join(tmpdir(), "promline-memory-"));
  try {
    const confDir = await writeConf(dir, one, stage);
    const node = await coldNode(program, dir);
    const settings = join(dir, "promline.toml");
    await writeFile(settings, `queue.enable = ${!one.queueOff}\nlanes.count = ${one.lanes}\n`);
    const command = ["run", "--conf-dir", confDir, "--config", settings];
    const [file, args] = group.command(program, command);
    const child = spawn(file, args, {
      cwd: dir,
      env: {
        PATH: path,
        HOME: dir,
        NODE_OPTIONS: believing(one.cpus),
        ...(node !== undefined && { PROMLINE_NODE: node }),
        ENV_DATAWAY: `http://127.0.0.1:${stage.sinkPort(one.destination)}?token=tkn_memory`,
        ENV_HTTP_LISTEN: `127.0.0.1:${port}`,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const log = createWriteStream(join(dir, "output.log"));
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    const watched = await watch(group, one, child, port);
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    const kill = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await gone;
    clearTimeout(kill);
    log.end();
    const outcome = { ...watched, peakBytes: await group.peakBytes(), kills: await group.kills() };
    const { ended, missedTicks, failedScrapes } = outcome;
    if (ended !== undefined || missedTicks + failedScrapes > 0) {
      process.stderr.write((await readFile(join(dir, "output.log"), "utf8")).slice(-LOG_TAIL));
    }
    return outcome;
  } finally {
    await group.remove();
    await rm(dir, { recursive: true, force: true });
  }
}

/**
 * A copy of the program's Node that is not in the page cache: a container pays for the pages of its own binary, which would be those of
 * everybody here who runs the same file. Undefined where the program brings its Node along in another way.
 */
async function coldNode(program: string, dir: string): Promise<string | undefined> {
  const copy = join(dir, "node");
  try {
    await copyFile(join(dirname(program), "../node_modules/node/bin/node"), copy);
  } catch {
    return undefined;
  }
  // Written back, then dropped.
  const drop = ["if=/dev/null", `of=${copy}`, "oflag=nocache", "conv=notrunc,fdatasync", "count=0"];
  await promisify(execFile)("dd", drop);
  return copy;
}

async function writeConf(dir: string, one: MemoryCase, stage: MemoryStage): Promise<string> {
  const confDir = join(dir, "conf.d");
  await mkdir(confDir);
  const input = (targets: readonly number[], seconds: number) =>
    `[[inputs.prom]]\nurls = ${JSON.stringify(targets.map((index) => stage.targetUrl(index)))}\ninterval = "${seconds}s"\n`;
  await writeFile(join(confDir, "small.conf"), input(one.targets, 5));
  if (one.huge !== undefined) await writeFile(join(confDir, "huge.conf"), input([one.huge], 60));
  return confDir;
}

async function watch(
  group: MemoryGroup,
  one: MemoryCase,
  child: { readonly exitCode: number | null; readonly signalCode: NodeJS.Signals | null },
  port: number,
) {
  const bornMs = performance.now();
  const sinceMs = () => performance.now() - bornMs;
  const endMs = one.seconds * SECOND;
  const readings = new Readings(endMs / 2);
  let told = NOTHING_TOLD;
  let missedAtStart: number | undefined;
  let ended: string | undefined;
  for (let looks = 1; sinceMs() < endMs && ended === undefined; looks++) {
    readings.add(await group.usage(), sinceMs());
    if (looks % 25 === 0) told = (await ask(port, one, endMs - sinceMs())) ?? told;
    if (told.answered && sinceMs() > START_SECONDS * SECOND) missedAtStart ??= told.missedTicks;
    await sleep(LOOK_EVERY_MS);
    ended = (child.signalCode ?? child.exitCode ?? undefined)?.toString();
  }
  if (ended === undefined) told = (await ask(port, one, 5 * SECOND)) ?? told;
  return { ...readings.result(), ...told, missedAtStart: missedAtStart ?? 0, ended };
}

/** What the group used, over one run. */
class Readings {
  readonly #halfMs: number;
  #anonymousBytes = 0;
  #mappedBytes = 0;
  #half: GroupUsage | undefined;
  #last: GroupUsage | undefined;

  constructor(halfMs: number) {
    this.#halfMs = halfMs;
  }

  add(usage: GroupUsage, atMs: number): void {
    this.#anonymousBytes = Math.max(this.#anonymousBytes, usage.anonymousBytes);
    this.#mappedBytes = Math.max(this.#mappedBytes, usage.mappedBytes);
    if (atMs > this.#halfMs) this.#half ??= usage;
    this.#last = usage;
  }

  result(): Pick<MemoryOutcome, "anonymousBytes" | "mappedBytes" | "refaultsPerSecond"> {
    const refaults = (this.#last?.refaults ?? 0) - (this.#half?.refaults ?? 0);
    const refaultsPerSecond =
      this.#half === undefined ? 0 : Math.round(refaults / (this.#halfMs / SECOND));
    const [anonymousBytes, mappedBytes] = [this.#anonymousBytes, this.#mappedBytes];
    return { anonymousBytes, mappedBytes, refaultsPerSecond };
  }
}

/** Undefined where it does not answer: it may just be starting. */
async function ask(port: number, one: MemoryCase, withinMs: number): Promise<Told | undefined> {
  const signal = AbortSignal.timeout(Math.ceil(Math.max(1, Math.min(5 * SECOND, withinMs))));
  try {
    const [page, metrics] = await Promise.all([
      fetch(`http://127.0.0.1:${port}/api/v1/targets`, { signal }).then((answer) => answer.json()),
      fetch(`http://127.0.0.1:${port}/metrics`, { signal }).then((answer) => answer.text()),
    ]);
    const active = (page as TargetsAnswer).data.activeTargets;
    const small = active.filter(({ scrapeInterval }) => scrapeInterval === "5s");
    if (small.length < one.targets.length) return undefined;
    return {
      missedTicks: small.reduce((sum, { promline }) => sum + total(promline.missedTicks), 0),
      failedScrapes: small.filter(({ health }) => health === "down").length,
      lanes: gaugeOf(metrics, /^promline_lanes (\d+)$/m) ?? 1 + lastLane(small),
      answered: true,
      lostPoints: sumOf(metrics, /^promline_delivery_lost_points_total\{.*\} (\d+)$/gm),
    };
  } catch {
    return undefined;
  }
}

interface TargetsAnswer {
  readonly data: {
    readonly activeTargets: readonly {
      readonly scrapeInterval: string;
      readonly health: string;
      readonly promline: {
        readonly lane: number;
        readonly missedTicks: Readonly<Record<string, number>>;
      };
    }[];
  };
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function lastLane(targets: TargetsAnswer["data"]["activeTargets"]): number {
  return Math.max(0, ...targets.map(({ promline }) => promline.lane));
}

function gaugeOf(text: string, pattern: RegExp): number | undefined {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

function sumOf(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0);
}

/** `os.availableParallelism()` is the machine's, whatever the group says; this replaces it for the process. */
function believing(cpus: number): string {
  const module = `import os from "node:os";import{syncBuiltinESMExports}from"node:module";os.availableParallelism=()=>${cpus};syncBuiltinESMExports()`;
  return `--import=data:text/javascript,${encodeURIComponent(module)}`;
}
