import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { AgentProcess, CHECKOUT } from "../support/agent-process.ts";
import { Child } from "../support/child.ts";
import { freePort } from "../support/free-port.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";
import { page, TargetServer } from "../support/targets.ts";
import { until } from "../support/until.ts";

/** An agent with a target that was scraped, whose points are not in their file yet: it flushes after an hour. */
async function agentWithPoints() {
  const targets = await TargetServer.start({ "/": page("load 1\n") });
  const agent = await AgentProcess.start({
    conf: { "a.conf": `[[inputs.prom]]\nurls = ["${targets.url("/")}"]\ninterval = "1s"\n` },
    env: { ENV_IO_FLUSH_INTERVAL: "1h", ENV_LOG_LEVEL: "debug" },
  });
  await until("a scrape", 15_000, async () =>
    (await agent.targets()).some(({ health }) => health === "up") ? true : undefined,
  );
  return { agent, file: join(agent.directory, "data", "metrics.lp") };
}

/** Both wrote and lost, of the category metric. */
function pointsIn(file: string): number {
  return readFileSync(file, "utf8").trimEnd().split("\n").length;
}

test.each([[0], [3], [400]])(
  "two SIGTERM within %i ms are one: the file has every point, exit code 0",
  async (ms) => {
    const { agent, file } = await agentWithPoints();
    agent.child.kill("SIGTERM");
    await delay(ms);
    const { code } = await agent.stop("SIGTERM");
    expect(code).toBe(0);
    expect(pointsIn(file)).toBeGreaterThan(0);
    expect(agent.logs().filter(({ msg }) => /lost/.test(String(msg)))).toEqual([]);
  },
);

test("a stop that is hurried still writes the file", async () => {
  const { agent, file } = await agentWithPoints();
  agent.child.kill("SIGTERM");
  await delay(600);
  const { code } = await agent.stop("SIGTERM");
  expect(code).toBe(0);
  expect(pointsIn(file)).toBeGreaterThan(0);
});

test("a stop that loses points says how many and why, exit code 1", async () => {
  const targets = await TargetServer.start({ "/": page("load 1\n") });
  const agent = await AgentProcess.start({
    conf: { "a.conf": `[[inputs.prom]]\nurls = ["${targets.url("/")}"]\ninterval = "1s"\n` },
    // No directory can be made below a device.
    config: 'data_dir = "/dev/null/data"\n',
    env: { ENV_IO_FLUSH_INTERVAL: "1s" },
  });
  await until("a flush that fails", 15_000, async () =>
    agent.logs().some(({ msg }) => msg === "delivery fails and is tried again") ? true : undefined,
  );
  const { code } = await agent.stop();
  expect(code).toBe(1);
  expect(agent.logs()).toContainEqual(
    expect.objectContaining({
      msg: "points are lost by the stop",
      points: expect.any(Number),
      why: expect.stringMatching(/^file: ENOTDIR/),
    }),
  );
});

/** Starts an agent without targets and gives it `signal` every few milliseconds until it is ready. */
async function signalledStart(signal: NodeJS.Signals, firstMs: number) {
  const directory = scratchDirectory("signals");
  const child = new Child(
    process.execPath,
    [join(CHECKOUT, "src/main.ts"), "run", "--conf-dir", directory],
    { cwd: directory, env: { ENV_HTTP_LISTEN: `127.0.0.1:${await freePort()}` } },
  );
  await until("the first listener", 10_000, async () => hears(child, "SIGHUP"));
  await delay(firstMs);
  await until("it runs", 20_000, async () => {
    child.kill(signal);
    return child.exit !== undefined || child.stdout.includes("promline runs") ? true : undefined;
  });
  return child;
}

/** Whether the process has a listener of its own for a signal, as the kernel tells. */
function hears(child: Child, signal: "SIGHUP"): true | undefined {
  const caught = /^SigCgt:\s+([0-9a-f]+)$/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"));
  const bit = { SIGHUP: 0n }[signal];
  return (BigInt(`0x${caught?.[1] ?? "0"}`) >> bit) & 1n ? true : undefined;
}

test.each([[0], [40], [150]])(
  "SIGHUP again and again, from %i ms after the first listener on, ends nothing",
  async (firstMs) => {
    const child = await signalledStart("SIGHUP", firstMs);
    expect(child.exit).toBeUndefined();
    expect((await child.stop("SIGTERM")).code).toBe(0);
  },
);

test("SIGTERM in the midst of the start stops as soon as it runs", async () => {
  const directory = scratchDirectory("signals");
  const child = new Child(
    process.execPath,
    [join(CHECKOUT, "src/main.ts"), "run", "--conf-dir", directory],
    { cwd: directory, env: { ENV_HTTP_LISTEN: `127.0.0.1:${await freePort()}` } },
  );
  await until("the first listener", 10_000, async () => hears(child, "SIGHUP"));
  expect(await child.stop("SIGTERM")).toEqual({ code: 0, signal: null });
  expect(child.stdout).toContain("promline stopped");
});
