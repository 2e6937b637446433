// What a start costs: milliseconds until the agent is ready, and a second later CPU and memory, without and with Node's compile
// cache, warm; medians.
//
//   npm run bench:start [-- RUNS]         PROMLINE_PROGRAM and PROMLINE_NODE say what is started; else this checkout

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { MIB } from "../src/units.ts";
import { readBenchEnvironment } from "./bench-environment.ts";
import { PROMLINE_PROGRAM, PROMLINE_PROGRAM_ENV } from "./contenders/promline-program.ts";
import { freePort } from "./measure/free-port.ts";
import { processUsage } from "./measure/process-usage.ts";

const RUNS = 7;
const WITHIN_MS = 20_000;
const SETTLE_MS = 1000;

interface Start {
  readonly readyMs: number;
  readonly cpuSeconds: number;
  readonly rssMib: number;
}

const { path } = readBenchEnvironment();
const runs = Number(process.argv[2] ?? RUNS);
const directory = await mkdtemp(join(tmpdir(), "promline-start-"));
const cache = join(directory, "cache");
try {
  await start({ NODE_COMPILE_CACHE: cache });
  process.stdout.write(`${PROMLINE_PROGRAM}, ${runs} starts each\n`);
  say("without a compile cache", await starts({ NODE_DISABLE_COMPILE_CACHE: "1" }));
  say("with a warm one", await starts({ NODE_COMPILE_CACHE: cache }));
} finally {
  await rm(directory, { recursive: true, force: true });
}

async function starts(env: Readonly<Record<string, string>>): Promise<Start[]> {
  const found: Start[] = [];
  for (let run = 0; run < runs; run++) {
    found.push(await start(env));
  }
  return found;
}

async function start(env: Readonly<Record<string, string>>): Promise<Start> {
  const [home, port] = [join(directory, "home"), await freePort()];
  await mkdir(join(home, "conf.d"), { recursive: true });
  const begun = performance.now();
  const child = spawn(PROMLINE_PROGRAM, ["run", "--conf-dir", "conf.d"], {
    cwd: home,
    env: {
      ...{ PATH: path, HOME: home, ENV_HTTP_LISTEN: `127.0.0.1:${port}` },
      ...PROMLINE_PROGRAM_ENV,
      ...env,
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  try {
    await ready(port, begun + WITHIN_MS);
    const readyMs = performance.now() - begun;
    await delay(SETTLE_MS);
    const usage = await processUsage(child.pid ?? 0);
    if (usage === undefined) {
      throw new Error("the agent ended");
    }
    return { readyMs, cpuSeconds: usage.cpuSeconds, rssMib: usage.rssBytes / MIB };
  } finally {
    child.kill("SIGTERM");
    await once(child, "close");
    await rm(home, { recursive: true, force: true });
  }
}

async function ready(port: number, endMs: number): Promise<void> {
  while (performance.now() < endMs) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/-/ready`);
      await answer.text();
      if (answer.ok) return;
    } catch {
      // Nobody listens yet.
    }
    await delay(5);
  }
  throw new Error("the agent is not ready");
}

function say(name: string, found: readonly Start[]): void {
  const median = (of: (start: Start) => number): number =>
    found.map(of).sort((a, b) => a - b)[found.length >> 1] ?? Number.NaN;
  const figures = [
    `ready after ${median(({ readyMs }) => readyMs).toFixed(0)} ms`,
    `${median(({ cpuSeconds }) => cpuSeconds).toFixed(2)} s of CPU`,
    `${median(({ rssMib }) => rssMib).toFixed(0)} MiB`,
  ];
  process.stdout.write(`${name.padEnd(24)}${figures.join(", ")}\n`);
}
