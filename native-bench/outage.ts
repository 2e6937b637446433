// Kills agents in the middle of an outage of their destination and counts what became of the points they had scraped:
//
//   node native-bench/outage.ts            all agents that are installed, 131 s of 200 series each second
//   node native-bench/outage.ts --short    promline alone, 45 s
//
// Exit code 1: promline lost or repeated more than docs/delivery.md says.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readBenchEnvironment } from "./bench-environment.ts";
import { findAgents, type OutageAgent, promlineAgent } from "./outage/outage-agents.ts";
import { type Account, OutageStage } from "./outage/outage-stage.ts";

/** Seconds. The outage ends `outage` after it began, the agent is stopped `stop` after that and started again 1 s later. */
interface Plan {
  readonly healthy: number;
  readonly outage: number;
  readonly stop: number;
  readonly rest: number;
}

const FULL: Plan = { healthy: 15, outage: 41, stop: 20, rest: 75 };
const SHORT: Plan = { healthy: 6, outage: 14, stop: 6, rest: 25 };
/** Points that a `kill -9` may cost, in seconds of all series. */
const KILL_BAR = 1;
/** Prometheus waits a minute for its destination. */
const LONGEST_STOP = 90;

const environment = readBenchEnvironment();

async function run(
  agent: OutageAgent,
  signal: "SIGKILL" | "SIGTERM",
  plan: Plan,
): Promise<Account> {
  const dir = await mkdtemp(join(tmpdir(), "promline-outage-"));
  const stage = await OutageStage.start(agent.read);
  const command = await agent.prepare(dir, stage, await freePort());
  const start = () =>
    spawn(command.file, command.args, {
      cwd: dir,
      env: { PATH: environment.path, ...command.env },
      stdio: "ignore",
    });
  let child = start();
  try {
    await delay(plan.healthy * 1000);
    stage.isDown = true;
    const end = delay(plan.outage * 1000).then(() => {
      stage.isDown = false;
    });
    await delay(plan.stop * 1000);
    await stop(child, signal);
    await delay(1000);
    child = start();
    await end;
    await delay(plan.rest * 1000);
    await stop(child, "SIGTERM");
    return stage.account();
  } finally {
    await stop(child, "SIGKILL");
    stage.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
    return;
  }
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), LONGEST_STOP * 1000);
  await exited;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === "object" && address !== null ? address.port : 0;
}

function rowOf(name: string, signal: string, account: Account): string {
  const { scrapes, downSeconds, missingSeconds, duplicates } = account;
  const cells = [name, signal, scrapes, downSeconds, missingSeconds, duplicates];
  return `| ${cells.join(" | ")} |\n`;
}

const short = process.argv.includes("--short");
const agents = short ? [promlineAgent] : await findAgents(environment);
const cases = agents.flatMap((agent) => [
  { agent, signal: "SIGKILL" as const },
  { agent, signal: "SIGTERM" as const },
]);
const rows = await Promise.all(
  cases.map(async ({ agent, signal }) => ({
    agent,
    signal,
    account: await run(agent, signal, short ? SHORT : FULL),
  })),
);
process.stdout.write(
  "| agent | stopped by | scrapes | seconds without a scrape | seconds of points missing | points twice |\n| --- | --- | ---: | ---: | ---: | ---: |\n",
);
for (const { agent, signal, account } of rows) {
  process.stdout.write(rowOf(agent.name, signal, account));
}
const broken = rows.filter(({ agent, signal, account }) => {
  const most = signal === "SIGKILL" ? KILL_BAR : 0;
  return (
    agent === promlineAgent &&
    (account.missingSeconds > most || account.duplicates > 0 || account.scrapes === 0)
  );
});
process.exit(broken.length > 0 ? 1 : 0);
