import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { overLivesFaults, readOverLives } from "../support/agent-ledger.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { Child } from "../support/child.ts";
import { answer, Dataway } from "../support/dataway.ts";
import { metricSum } from "../support/metrics-page.ts";
import { PROGRAM, PROGRAM_ENV } from "../support/program.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";
import { page, TargetServer } from "../support/targets.ts";
import { until } from "../support/until.ts";

// 7 lines: 2 comments, 1 malformed, 4 samples, of which 2 make points, 1 is filtered and 1 is not a number.
const PAGE = `# TYPE orders_total counter
orders_total{shop="a"} 1
orders_total{shop="b"} 2
# TYPE stock gauge
stock NaN
stock_noise 5
broken{
`;
const LINES = 7;
const LEAST_SCRAPES = 4;
/** From the answer on the wire to the position in a file. */
const ANSWER_MS = 250;

const CONF = (url: string) => `[[inputs.prom]]
urls = ["${url}"]
source = "ledger"
interval = "1s"
metric_name_filter_ignore = ["noise"]
`;

/** A target and a destination that outlive the agent, and the agents on one queue. */
async function stage() {
  const targets = await TargetServer.start({ "/metrics": page(PAGE) });
  const world = { isUp: true };
  const dataway = await Dataway.start({ verdict: () => answer(world.isUp ? 200 : 503) });
  const directory = scratchDirectory("agent");
  const queue = join(directory, "waiting");
  const start = () =>
    AgentProcess.start({
      conf: { "ledger.conf": CONF(targets.url("/metrics")) },
      env: {
        ENV_DATAWAY: dataway.url,
        ENV_DATAWAY_WAL_PATH: queue,
        ENV_IO_FLUSH_INTERVAL: "1s",
      },
      directory,
    });
  return { targets, dataway, world, queue, start };
}

/** Until it has scraped so often, and the destination has what was there before. */
async function drained(agent: AgentProcess): Promise<void> {
  await until("what waited to be sent", 30_000, async () => {
    const samples = await agent.metrics();
    const scrapes = metricSum(samples, "promline_lines_read_total") / LINES;
    const queued = metricSum(samples, "promline_delivery_queued_points");
    return scrapes >= LEAST_SCRAPES && queued === 0 ? true : undefined;
  });
}

async function listed(queue: string): Promise<string> {
  const child = new Child(PROGRAM, ["queue", "list", "--dir", queue], { env: PROGRAM_ENV });
  expect(await child.exited).toMatchObject({ code: 0 });
  return child.stdout;
}

/** What `promline queue verify` says after a stop. */
async function verified(queue: string): Promise<string> {
  const child = new Child(PROGRAM, ["queue", "verify", "--dir", queue], { env: PROGRAM_ENV });
  await child.exited;
  return child.stdout;
}

test("after SIGTERM with the destination away the ledger of both lives is exact", async () => {
  const { targets, dataway, world, queue, start } = await stage();
  world.isUp = false;
  const first = await start();
  const scraped = async () => metricSum(await first.metrics(), "promline_lines_read_total");
  await until(
    "scrapes",
    30_000,
    async () => (await scraped()) >= LINES * LEAST_SCRAPES || undefined,
  );
  expect(await first.stop()).toMatchObject({ code: 0 });
  expect(await verified(queue)).toBe("ledger, positions and records agree\n");
  world.isUp = true;
  const second = await start();
  await drained(second);
  const over = readOverLives(await second.metrics());
  expect(overLivesFaults(over)).toEqual([]);
  expect(over).toMatchObject({ lives: 1, cut: 0, uncountedMs: 0, found: 0, unknown: 0, kept: 1 });
  expect(over.lost).toBe(0);
  expect(await second.stop()).toMatchObject({ code: 0 });

  const served = targets.hits("/metrics").length;
  const points = dataway.points().length;
  const text = await listed(queue);
  expect(text).toContain("ledger: 2 lives, saved ");
  expect(text).toContain(
    `  lines: read ${LINES * served} = sent ${2 * served} + filtered ${served} + dropped ${served} + malformed ${served} + comment ${2 * served} + blank 0\n`,
  );
  expect(text).toContain(
    `points: enqueued ${points} + found 0 = sent ${points} + lost 0 + unknown 0 + queued 0\n`,
  );
}, 90_000);

test("after SIGKILL what is in no count is within what is said to be unknown", async () => {
  const { targets, dataway, queue, start } = await stage();
  const first = await start();
  await until("writes", 30_000, async () => dataway.writes.length >= LEAST_SCRAPES || undefined);
  // A body whose answer the agent did not live to see comes again, and this DataWay refuses that.
  await delay(ANSWER_MS);
  first.child.kill("SIGKILL");
  await first.child.exited;
  const killedMs = Date.now();
  const before = targets.hits("/metrics");
  const pointsOfOne = dataway.points().length / Math.max(1, before.length - 1);
  const second = await start();
  await drained(second);
  const over = readOverLives(await second.metrics());
  const startedMs = Number(
    second.logs().find(({ msg }) => msg === "queue on disk is open")?.["time"],
  );
  expect(overLivesFaults(over)).toEqual([]);
  expect(over).toMatchObject({ lives: 1, cut: 1, lost: 0, kept: 1 });
  // What was counted last was counted a second before the kill at the most, or when there was last something to count.
  const savedMs = startedMs - over.uncountedMs;
  expect(savedMs).toBeLessThanOrEqual(killedMs);
  expect(savedMs).toBeGreaterThan(killedMs - 2_500);
  expect(await second.stop()).toMatchObject({ code: 0 });

  // One that was under way when the counts were saved is counted when it ends.
  const uncounted = before.filter(({ at }) => at >= savedMs).length + 1;
  const text = await listed(queue);
  const [read = 0, sent = 0, unknown = 0] = ["read", "sent", "unknown"].map((name) =>
    Number(
      new RegExp(`${name === "read" ? "lines: " : "points: .*"}${name} (\\d+)`).exec(text)?.[1],
    ),
  );
  const missing = targets.hits("/metrics").length - read / LINES;
  expect(missing).toBeGreaterThanOrEqual(0);
  expect(missing).toBeLessThanOrEqual(uncounted);
  const unseen = dataway.points().length - sent;
  expect(unseen).toBeGreaterThanOrEqual(0);
  expect(unseen).toBeLessThanOrEqual(unknown + Math.ceil(pointsOfOne) * uncounted);
  expect(text).toContain(
    "  cut off: 1 of them; what they counted after their last save is unknown (",
  );
}, 90_000);
