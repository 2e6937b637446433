import { afterEach, expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { OnPayload } from "../../src/lanes/lane.ts";
import { LanePool, type MortalLane, threadPool } from "../../src/lanes/lane-pool.ts";
import { laneDefaults } from "../../src/lanes/lane-settings.ts";
import { ThreadLane } from "../../src/lanes/thread-lane.ts";
import { SteppingClock, settle } from "../agent/schedule/stepping-clock.ts";
import { okReport, target } from "./targets.ts";

const never = new AbortController().signal;

class FakeLane implements MortalLane {
  readonly #end = Promise.withResolvers<string>();
  readonly ended = this.#end.promise;
  readonly forgotten: string[] = [];
  async scrape() {
    return okReport(1);
  }
  forget(key: string): void {
    this.forgotten.push(key);
  }
  async stop() {
    this.#end.resolve("closed");
  }
  die(reason: string): void {
    this.#end.resolve(reason);
  }
}

const pools: LanePool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.stop()));
});

function fakePool(size: number) {
  const clock = new SteppingClock(1_700_000_000_000);
  const opened: FakeLane[] = [];
  const replaced: [number, string, number][] = [];
  const open = () => {
    const lane = new FakeLane();
    opened.push(lane);
    return lane;
  };
  const pool = new LanePool(size, open, (...call) => replaced.push(call), clock);
  pools.push(pool);
  return { clock, opened, replaced, pool };
}

test("a target always runs in the same lane", () => {
  const { pool, opened } = fakePool(4);
  const used = new Set<number>();
  for (let i = 0; i < 100; i++) {
    const lane = pool.laneOf(`key ${i}`);
    expect(pool.laneOf(`key ${i}`)).toBe(lane);
    used.add(lane);
    pool.forget(`key ${i}`);
    expect(opened[lane]?.forgotten).toContain(`key ${i}`);
  }
  expect(used).toEqual(new Set([0, 1, 2, 3]));
});

test("a lane that lived long is replaced at once", async () => {
  const { clock, opened, pool, replaced } = fakePool(1);
  await clock.pass(60_000);
  opened[0]?.die("of old age");
  await clock.pass(0);
  expect(opened).toHaveLength(2);
  expect(pool.ready(0)).toBe(true);
  expect(replaced).toEqual([[0, "of old age", 0]]);
  expect(pool.replaced).toBe(1);
});

test("a lane that dies again and again is replaced ever later, up to half a minute", async () => {
  const { clock, opened, replaced } = fakePool(1);
  for (let i = 0; i < 8; i++) {
    opened.at(-1)?.die("young");
    await settle();
    await clock.pass(replaced.at(-1)?.[2] ?? 0);
  }
  expect(replaced.map(([, , pauseMs]) => pauseMs)).toEqual([
    1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
  ]);
});

test("while a lane is being replaced it is not ready and its scrapes fail", async () => {
  const { opened, pool } = fakePool(2);
  opened[0]?.die("young");
  await settle();
  expect([pool.ready(0), pool.ready(1)]).toEqual([false, true]);
  const key = ["a", "b", "c", "d", "e"].find((name) => pool.laneOf(name) === 0) ?? "";
  const report = await pool.scrape(target(key), 0, never);
  expect(report.outcome).toMatchObject({ kind: "failed", reason: "lane" });
});

test("stopping while a lane is being replaced opens no other", async () => {
  const { opened, pool, clock } = fakePool(1);
  opened[0]?.die("young");
  await settle();
  await pool.stop();
  expect(opened).toHaveLength(1);
  expect(clock.sleeping).toBe(0);
});

test("the targets of a thread that died go on in the next, which learns them anew", async () => {
  const entry = new URL("./fixture-worker.ts", import.meta.url);
  const payloads: string[] = [];
  const onPayload: OnPayload = (key) => {
    payloads.push(key);
    return undefined;
  };
  const clock = new SteppingClock(0);
  const open = () => new ThreadLane(laneDefaults, entry, onPayload, systemClock);
  const replaced = Promise.withResolvers<void>();
  const pool = new LanePool(1, open, () => replaced.resolve(), clock);
  pools.push(pool);
  const survivor = target("survivor", "emit:1:1");
  await pool.scrape(survivor, 0, never);
  const culprit = await pool.scrape(target("culprit", "exit"), 0, never);
  expect(culprit.outcome).toMatchObject({ reason: "lane" });
  await replaced.promise;
  await clock.pass(1000);
  const report = await pool.scrape(survivor, 0, never);
  expect(report).toMatchObject({ outcome: { kind: "ok" }, bodyBytes: 1 });
  expect(payloads).toEqual(["survivor", "survivor"]);
});

test("the pool of the agent starts the lanes it is told to", async () => {
  const pool = threadPool(
    { ...laneDefaults, lanes: 1 },
    () => undefined,
    () => {},
    systemClock,
  );
  expect(pool.size).toBe(1);
  await pool.stop();
});
