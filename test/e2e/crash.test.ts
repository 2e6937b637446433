import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { randomOf } from "../delivery/queue/queue-model.ts";
import { overLivesFaults, readOverLives } from "../support/agent-ledger.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { answer, Dataway, type ReceivedWrite, type Verdict } from "../support/dataway.ts";
import type { Point } from "../support/line-protocol.ts";
import { metricSum } from "../support/metrics-page.ts";
import { runSeed } from "../support/run-seed.ts";
import { TargetServer } from "../support/targets.ts";
import { until } from "../support/until.ts";

const KILLS = process.env["PROMLINE_SOAK"] === undefined ? 20 : 500;
/** What a crash may cost, and the scrape that was under way. */
const BOUND_MS = 1_000 + 250;
/** From the answer on the wire to the position in a file. */
const ANSWER_MS = 250;

/** Scraped and not flushed yet, at the most. */
const OPEN_POINTS = 3;
const KEPT = "points wait on disk for the next start";

const CONF = (url: string) => `[[inputs.prom]]
urls = ["${url}"]
interval = "1s"
`;

const TOO_LARGE = answer(413);
const WEATHER: readonly Verdict[] = [
  answer(200),
  answer(500),
  answer(429),
  TOO_LARGE,
  { kind: "status", status: 200, delayMs: 700 },
  { kind: "reset" },
  { kind: "half" },
];

interface Run {
  readonly target: TargetServer;
  readonly dataway: Dataway;
  /** When the counter had which value. */
  readonly record: { readonly at: number; readonly page: string }[];
  readonly kills: number[];
  readonly start: (directory?: string) => Promise<AgentProcess>;
}

/** A target whose counter is one more at each scrape, and an agent that scrapes it each second. */
async function prepare(weather: () => Verdict): Promise<Run> {
  const record: { readonly at: number; readonly page: string }[] = [];
  let value = 0;
  const read = () => {
    value += 1;
    return Promise.resolve(`# TYPE ticks_total counter\nticks_total ${value}\n`);
  };
  const target = await TargetServer.start({ "/metrics": { kind: "relay", read, record } });
  // One point that is too large for it can only be dropped; all others are to be halved until they fit.
  const verdict = ({ points }: ReceivedWrite) => {
    const now = weather();
    return now === TOO_LARGE && points.length === 1 ? answer(200) : now;
  };
  const dataway = await Dataway.start({ verdict });
  const start = (directory?: string) =>
    AgentProcess.start({
      conf: { "crash.conf": CONF(target.url("/metrics")) },
      env: { ENV_DATAWAY: dataway.url, ENV_IO_FLUSH_INTERVAL: "2s" },
      ...(directory === undefined ? {} : { directory }),
    });
  return { target, dataway, record, kills: [], start };
}

async function kill(agent: AgentProcess, run: Run): Promise<void> {
  run.kills.push(Date.now());
  agent.child.kill("SIGKILL");
  await agent.child.exited;
}

async function queuedPoints(agent: AgentProcess): Promise<number> {
  return metricSum(await agent.metrics(), "promline_delivery_queued_points");
}

/** What came last goes first, the rest is still on its way from disk then, and a stop would leave it there. */
function untilDrained(agent: AgentProcess): Promise<true> {
  return until("what waited on disk", 90_000, async () =>
    (await queuedPoints(agent)) <= OPEN_POINTS ? true : undefined,
  );
}

/** Values of the counter that were accepted, with when. */
function valuesOf(writes: readonly ReceivedWrite[]): { value: number; write: ReceivedWrite }[] {
  return writes.flatMap((write) =>
    write.points
      .filter(({ measurement }) => measurement === "ticks")
      .map((point) => ({ value: numberOf(point), write })),
  );
}

function numberOf({ fields }: Point): number {
  const [field] = fields.values();
  return field?.type === "float" ? field.value : Number.NaN;
}

function verdictOf(run: Run) {
  const { dataway, record, kills } = run;
  const accepted = dataway.writes.filter(
    ({ verdict }) => verdict.kind === "status" && verdict.status === 200,
  );
  const counts = new Map<number, ReceivedWrite[]>();
  for (const { value, write } of valuesOf(accepted)) {
    counts.set(value, [...(counts.get(value) ?? []), write]);
  }
  /** No kill came between the request and the answer's position in a file. */
  const wasAnswered = (write: ReceivedWrite) =>
    !kills.some((one) => one >= write.at && one <= answeredAt(write) + ANSWER_MS);
  const untilKill = (at: number) =>
    (kills.find((one) => one >= at) ?? Number.POSITIVE_INFINITY) - at;
  const missing = record
    .map(({ at, page }) => ({ at, value: Number(/ (\d+)\n$/.exec(page)?.[1]) }))
    .filter(({ value }) => !counts.has(value));
  const twice = [...counts.values()].filter((writes) => writes.length > 1);
  /** A part of it was accepted, and the whole sent again: the disk knows whole bodies only (docs/delivery.md says when that is). */
  const wasCut = (writes: readonly ReceivedWrite[]) => {
    const [first, last] = [writes[0], writes.at(-1)];
    return first !== undefined && last !== undefined && first.points.length < last.points.length;
  };
  return {
    exposed: record.length,
    missing: missing.length,
    traces: missing.map(({ at, value }) => traceOf(at, value, run)),
    oldestMissingMs: Math.max(0, ...missing.map(({ at }) => untilKill(at))),
    twice: twice.length,
    twiceAsPart: twice.filter(wasCut).length,
    twiceThoughAnswered: twice
      .filter((writes) => writes.slice(0, -1).some(wasAnswered) && !wasCut(writes))
      .map((writes) => writes.map((write) => sendingOf(write, kills)).join("; then ")),
  };
}

/** What became of a missing point: each time it was sent, and the kill that came next. */
function traceOf(at: number, value: number, { dataway, kills }: Run): string {
  const sent = valuesOf(dataway.writes).filter((one) => one.value === value);
  const killed = kills.find((one) => one >= at) ?? Number.NaN;
  const how = sent.map(({ write }) => sendingOf(write, kills)).join("; then ");
  return `${value}: killed after ${killed - at} ms; ${how || "never sent"}`;
}

function sendingOf({ at, headers, points, verdict }: ReceivedWrite, kills: readonly number[]) {
  const said = verdict.kind === "status" ? `${verdict.status}` : verdict.kind;
  const killed = (kills.find((one) => one >= at) ?? Number.NaN) - at;
  const delayed = verdict.kind === "status" ? (verdict.delayMs ?? 0) : 0;
  return `${headers["x-pkg-id"]} of ${points.length}, ${said} after ${delayed} ms, killed after ${killed} ms`;
}

function answeredAt({ at, verdict }: ReceivedWrite): number {
  return at + (verdict.kind === "status" ? (verdict.delayMs ?? 0) : 0);
}

test(
  `killed ${KILLS} times, it loses a second of points each time at the most and repeats none`,
  async () => {
    const seed = runSeed();
    const random = randomOf(seed);
    let weather: Verdict = answer(200);
    const run = await prepare(() => weather);
    let agent = await run.start();
    for (let round = 0; round < KILLS; round += 1) {
      weather = WEATHER[Math.floor(random() * WEATHER.length)] ?? answer(200);
      await delay(200 + random() * 4_000);
      await kill(agent, run);
      agent = await run.start(agent.directory);
    }
    weather = answer(200);
    const last = run.record.length + 2;
    await until("everything to arrive", 90_000, () =>
      Promise.resolve(
        valuesOf(run.dataway.writes).some(({ value }) => value > last) ? true : undefined,
      ),
    );
    const whenFresh = await queuedPoints(agent);
    await untilDrained(agent);
    const metrics = await agent.metrics();
    expect(metricSum(metrics, "promline_queue_after_crash")).toBe(1);
    const ledger = readOverLives(metrics);
    expect(overLivesFaults(ledger)).toEqual([]);
    await agent.stop();
    const keptAtEnd = agent.logs().filter(({ msg }) => msg === KEPT);
    const result = verdictOf(run);
    const shown = JSON.stringify({ ...result, queuedWhenFresh: whenFresh, ledger }, undefined, 1);
    process.stdout.write(`crash: seed ${seed}, ${KILLS} kills, ${shown}\n`);
    expect(keptAtEnd).toEqual([]);
    expect(result.oldestMissingMs).toBeLessThan(BOUND_MS);
    expect(result.twiceThoughAnswered).toEqual([]);
  },
  KILLS * 10_000 + 120_000,
);

test("a stop during an outage loses nothing, and the next start delivers it once", async () => {
  let weather: Verdict = answer(503);
  const run = await prepare(() => weather);
  const first = await run.start();
  await delay(4_000);
  const exit = await first.stop();
  expect(exit.code).toBe(0);
  const before = run.record.length;
  weather = answer(200);
  const second = await run.start(first.directory);
  await until("the last of them", 20_000, () =>
    Promise.resolve(
      valuesOf(run.dataway.writes).some(({ value }) => value > before) ? true : undefined,
    ),
  );
  await untilDrained(second);
  await second.stop();
  expect(verdictOf(run)).toMatchObject({ missing: 0, twice: 0 });
});
