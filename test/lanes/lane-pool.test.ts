import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { OnPayload } from "../../src/lanes/lane.ts";
import type { MortalLane } from "../../src/lanes/lane-place.ts";
import { LanePool, threadPool } from "../../src/lanes/lane-pool.ts";
import { laneDefaults } from "../../src/lanes/lane-settings.ts";
import { ThreadLane } from "../../src/lanes/thread-lane.ts";
import { SteppingClock, settle } from "../agent/schedule/stepping-clock.ts";
import { okReport, target } from "./targets.ts";

const never = new AbortController().signal;

const REPLAY = 1200;

class FakeLane implements MortalLane {
  readonly #end = Promise.withResolvers<string>();
  readonly ended = this.#end.promise;
  readonly #outgrown = Promise.withResolvers<undefined>();
  readonly outgrown = this.#outgrown.promise;
  readonly forgotten: string[] = [];
  readonly shares: number[];
  scrapes = 0;
  retired = false;
  /** What a scrape waits for. */
  hold: Promise<void> | undefined;
  #running: Promise<void> | undefined;
  constructor(shareBytes: number) {
    this.shares = [shareBytes];
  }
  async scrape() {
    this.scrapes++;
    this.#running = this.hold;
    await this.hold;
    return okReport(1);
  }
  share(bytes: number): void {
    this.shares.push(bytes);
  }
  busy(): number {
    return 0.5;
  }
  async retire() {
    this.retired = true;
    await this.#running;
    await this.stop();
  }
  outgrow(): void {
    this.#outgrown.resolve(undefined);
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
  const open = (_lane: number, shareBytes: number) => {
    const lane = new FakeLane(shareBytes);
    opened.push(lane);
    return lane;
  };
  const pool = new LanePool(size, open, (...call) => replaced.push(call), clock, REPLAY);
  pools.push(pool);
  return { clock, opened, replaced, pool };
}

test("a target always runs in the same lane, and is forgotten there", async () => {
  const { pool, opened } = fakePool(4);
  const used = new Set<number>();
  for (const key of keys(100)) {
    const lane = pool.laneOf(key);
    await pool.scrape(target(key), 0, never);
    expect(pool.laneOf(key)).toBe(lane);
    used.add(lane);
    pool.forget(key);
    expect(opened[lane]?.forgotten).toContain(key);
  }
  expect(used).toEqual(new Set([0, 1, 2, 3]));
  expect(opened.map(({ scrapes }) => scrapes).reduce((sum, count) => sum + count)).toBe(100);
});

function keys(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `key ${index}`);
}

describe("when their number changes", () => {
  test("those that are there get by with less before another begins, and with more once it is gone", async () => {
    const { pool, opened } = fakePool(1);
    await pool.resize(3);
    await pool.resize(2);
    expect(opened.map(({ shares }) => shares)).toEqual([[1200, 400, 600], [400, 600], [400]]);
    expect(pool.size).toBe(2);
  });

  test("a target that moves is forgotten in its old lane with its next scrape, the others stay", async () => {
    const { pool, opened } = fakePool(1);
    const all = keys(100);
    for (const key of all) await pool.scrape(target(key), 0, never);
    await pool.resize(2);
    const moved = all.filter((key) => pool.laneOf(key) === 1);
    expect(moved.length).toBeGreaterThan(30);
    expect(moved.length).toBeLessThan(70);
    expect(opened[0]?.forgotten).toEqual([]);
    for (const key of all) await pool.scrape(target(key), 0, never);
    expect(opened[0]?.forgotten).toEqual(moved);
    expect(opened.map(({ scrapes }) => scrapes)).toEqual([200 - moved.length, moved.length]);
  });

  test("a lane that goes ends its scrapes first, while its targets already run elsewhere", async () => {
    const { pool, opened } = fakePool(2);
    const key = keys(100).find((name) => pool.laneOf(name) === 1) ?? "";
    const other = keys(100).findLast((name) => pool.laneOf(name) === 1) ?? "";
    const going = opened[1];
    const { promise, resolve } = Promise.withResolvers<void>();
    if (going !== undefined) going.hold = promise;
    const running = pool.scrape(target(key), 0, never);
    const resized = pool.resize(1);
    expect((await pool.scrape(target(other), 0, never)).outcome.kind).toBe("ok");
    expect([going?.retired, opened[0]?.scrapes]).toEqual([true, 1]);
    expect(pool.ready(1)).toBe(true);
    resolve();
    expect((await running).outcome.kind).toBe("ok");
    await resized;
    expect(pool.loads()).toEqual([{ busy: 0.5, targets: 1 }]);
  });

  test("a lane that has outgrown its share is replaced without a gap, and ends its scrapes", async () => {
    const { pool, opened, replaced } = fakePool(1);
    const { promise, resolve } = Promise.withResolvers<void>();
    const [first] = opened;
    if (first !== undefined) first.hold = promise;
    const running = pool.scrape(target("a"), 0, never);
    first?.outgrow();
    await settle();
    expect([opened.length, pool.ready(0), first?.retired]).toEqual([2, true, true]);
    expect((await pool.scrape(target("b"), 0, never)).outcome.kind).toBe("ok");
    expect(opened[1]?.scrapes).toBe(1);
    resolve();
    expect((await running).outcome.kind).toBe("ok");
    expect([pool.replaced, replaced]).toEqual([0, []]);
  });

  test("stopping ends the lanes that are on their way out too", async () => {
    const { pool, opened } = fakePool(2);
    const key = keys(100).find((name) => pool.laneOf(name) === 1) ?? "";
    const { promise, resolve } = Promise.withResolvers<void>();
    if (opened[1] !== undefined) opened[1].hold = promise;
    const running = pool.scrape(target(key), 0, never);
    const resized = pool.resize(1);
    await settle();
    const stopped = pool.stop();
    resolve();
    await Promise.all([running, resized, stopped]);
    expect(await opened[1]?.ended).toBe("closed");
  });
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
  const pool = new LanePool(1, open, () => replaced.resolve(), clock, 0);
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
