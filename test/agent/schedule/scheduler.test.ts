import { describe, expect, test } from "vitest";
import { admissionDefaults } from "../../../src/agent/schedule/admission.ts";
import { phaseOf } from "../../../src/agent/schedule/phase.ts";
import { target } from "../../lanes/targets.ts";
import {
  firstTick,
  HOUR,
  INTERVAL,
  KEY,
  keyWith,
  START,
  scheduled,
  untilTick,
} from "./scheduled.ts";
import { settle } from "./stepping-clock.ts";

describe("ticks", () => {
  test("a new target opens soon, and then keeps to its grid", async () => {
    const { clock, lanes, scheduler, set, reports, end } = scheduled();
    scheduler.start();
    set(KEY);
    await clock.pass(35_000);
    const [opening, ...ticks] = lanes.timesOf(KEY);
    expect((opening ?? 0) - START).toBeLessThan(2000);
    const first = firstTick(KEY);
    expect(ticks).toEqual([first, first + INTERVAL, first + 2 * INTERVAL]);
    expect(reports.slice(0, 2)).toEqual([`${KEY} opening ok`, `${KEY} tick ok`]);
    await end();
  });

  test("targets set before the start are new at the start", async () => {
    const { clock, lanes, scheduler, set, end } = scheduled();
    set(KEY);
    await clock.pass(HOUR);
    scheduler.start();
    await clock.pass(3000);
    expect(lanes.timesOf(KEY)).toHaveLength(1);
    await end();
  });

  test("a scrape begins at its tick, to the millisecond", async () => {
    const { clock, lanes, scheduler, set, end } = scheduled();
    scheduler.start();
    set("a", "b", "c");
    await clock.pass(HOUR / 60);
    for (const { atMs, wallMs } of lanes.started) expect(wallMs).toBe(atMs);
    expect(lanes.started.length).toBeGreaterThan(17);
    await end();
  });

  test("ten thousand targets give a flat load from the first seconds on", async () => {
    const { clock, lanes, scheduler, set, end } = scheduled({
      ...admissionDefaults,
      slotsPerLane: 1000,
    });
    scheduler.start();
    set(...Array.from({ length: 10_000 }, (_, i) => `http://10.0.${i >> 8}.${i & 255}:80/metrics`));
    await clock.pass(14_999);
    const bySecond = new Array<number>(15).fill(0);
    for (const { wallMs } of lanes.started) {
      const second = Math.floor((wallMs - START) / 1000);
      bySecond[second] = (bySecond[second] ?? 0) + 1;
    }
    expect(Math.max(...bySecond.slice(0, 2))).toBeLessThan(4800);
    expect(Math.max(...bySecond.slice(3))).toBeLessThan(1150);
    expect(Math.min(...bySecond.slice(3))).toBeGreaterThan(850);
    await end();
  });
});

describe("other targets", () => {
  test("one that is removed is aborted, forgotten, and not scraped again", async () => {
    const { clock, lanes, reports, scheduler, set, end } = scheduled();
    lanes.takes.set(KEY, 5000);
    scheduler.start();
    set(KEY, "other");
    await clock.pass(2500);
    set("other");
    await clock.pass(60_000);
    expect(reports).toContain(`${KEY} opening aborted`);
    expect(lanes.forgotten).toEqual([KEY]);
    expect(lanes.timesOf(KEY)).toHaveLength(1);
    await end();
  });

  test("one that comes back while its last scrape is being aborted is not forgotten", async () => {
    const { clock, lanes, scheduler, set, missed, end } = scheduled();
    lanes.takes.set(KEY, 5000);
    scheduler.start();
    set(KEY);
    await clock.pass(2500);
    set();
    set(KEY);
    lanes.takes.clear();
    await clock.pass(25_000);
    expect(lanes.forgotten).toEqual([]);
    expect(lanes.timesOf(KEY).length).toBeGreaterThan(2);
    expect(missed).toEqual({});
    await end();
  });

  test("one with another specification keeps its ticks, one with the same keeps its object", async () => {
    const { clock, lanes, scheduler, end } = scheduled();
    scheduler.start();
    const first = target(KEY);
    scheduler.set([{ target: first, intervalMs: INTERVAL }]);
    await clock.pass(14_999);
    scheduler.set([{ target: target(KEY), intervalMs: INTERVAL }]);
    await clock.pass(INTERVAL);
    expect(lanes.specs.get(KEY)).toBe(first);
    const other = { ...first, ignoreRequestErrors: true };
    scheduler.set([{ target: other, intervalMs: INTERVAL }]);
    await clock.pass(INTERVAL);
    expect(lanes.specs.get(KEY)).toBe(other);
    const [, ...ticks] = lanes.timesOf(KEY);
    expect(ticks).toEqual(ticks.map((_, i) => firstTick(KEY) + i * INTERVAL));
    await end();
  });

  test("one with another interval goes over to its new ticks without an opening", async () => {
    const { clock, lanes, scheduler, end } = scheduled();
    scheduler.start();
    scheduler.set([{ target: target(KEY), intervalMs: INTERVAL }]);
    await clock.pass(14_999);
    const before = lanes.timesOf(KEY).length;
    scheduler.set([{ target: target(KEY), intervalMs: 60_000 }]);
    await clock.pass(120_000);
    const ticks = lanes.timesOf(KEY).slice(before);
    expect(ticks).toHaveLength(2);
    for (const atMs of ticks) expect((atMs - phaseOf(KEY, 60_000)) % 60_000).toBe(0);
    await end();
  });

  test("of two with one key the first counts", async () => {
    const { clock, lanes, scheduler, end } = scheduled();
    scheduler.start();
    const first = target(KEY);
    scheduler.set([
      { target: first, intervalMs: INTERVAL },
      { target: target(KEY, "other"), intervalMs: INTERVAL },
    ]);
    await clock.pass(3000);
    expect(lanes.specs.get(KEY)).toBe(first);
    await end();
  });
});

describe("missed ticks", () => {
  test("a scrape longer than its interval misses the ticks it overlaps", async () => {
    const { clock, lanes, missed, scheduler, set, end } = scheduled();
    lanes.takes.set(KEY, 25_000);
    scheduler.start();
    set(KEY);
    await clock.pass(firstTick(KEY) - START + 10 * INTERVAL + 1);
    const [opening = 0, ...ticks] = lanes.timesOf(KEY);
    expect(missed).toEqual({ [`${KEY} overlap`]: 11 - ticks.length });
    for (const [i, atMs] of ticks.entries()) {
      expect(atMs - ([opening, ...ticks][i] ?? 0)).toBeGreaterThanOrEqual(25_000);
    }
    expect(ticks.length).toBeGreaterThan(2);
    await end();
  });

  test("a tick that gets no turn is missed, and its place in the line is not", async () => {
    const { clock, lanes, missed, scheduler, set, end } = scheduled({
      ...admissionDefaults,
      slotsPerLane: 1,
      slowPerLane: 0,
    });
    const late = keyWith((phase) => untilTick(phase) > 5000 && untilTick(phase) < 9000);
    scheduler.start();
    lanes.takes.set("hog", 30_000);
    set("hog");
    await clock.pass(3000);
    set("hog", late);
    await clock.pass(25_000);
    expect(missed[`${late} admission`]).toBeGreaterThan(1);
    expect(lanes.timesOf(late)).toEqual([]);
    await clock.pass(9000);
    expect(lanes.timesOf(late)).toHaveLength(1);
    await end();
  });

  test("a tick whose lane is down is missed for that", async () => {
    const { clock, lanes, missed, scheduler, set, end } = scheduled();
    lanes.up = false;
    scheduler.start();
    set(KEY);
    await clock.pass(20_000);
    expect(missed).toEqual({ [`${KEY} lane`]: 3 });
    lanes.up = true;
    await clock.pass(INTERVAL);
    expect(lanes.timesOf(KEY)).toHaveLength(1);
    await end();
  });

  test("ticks during a stall are missed, but the one just due", async () => {
    const { clock, lanes, missed, scheduler, set, end } = scheduled();
    scheduler.start();
    set(KEY);
    await clock.pass(firstTick(KEY) - START + 1);
    await clock.stall(2 * INTERVAL);
    await clock.pass(10);
    expect(missed).toEqual({ [`${KEY} event_loop`]: 1 });
    expect(lanes.timesOf(KEY).at(-1)).toBe(firstTick(KEY) + 2 * INTERVAL);
    await end();
  });

  test("a tick noticed late is missed", async () => {
    const { clock, lanes, missed, scheduler, set, end } = scheduled();
    scheduler.start();
    set(KEY);
    await clock.pass(firstTick(KEY) - START - 100);
    await clock.stall(2200);
    expect(missed).toEqual({ [`${KEY} event_loop`]: 1 });
    await clock.pass(INTERVAL);
    expect(lanes.timesOf(KEY).at(-1)).toBe(firstTick(KEY) + INTERVAL);
    await end();
  });
});

describe("trouble beside healthy targets", () => {
  test("20 of 200 that hang for the whole timeout cost the others no tick", async () => {
    const { clock, lanes, missed, scheduler, set, end } = scheduled({
      ...admissionDefaults,
      slotsPerLane: 4,
    });
    const hanging = Array.from({ length: 20 }, (_, i) => `hanging ${i}`);
    const healthy = Array.from({ length: 180 }, (_, i) => `healthy ${i}`);
    for (const key of hanging) lanes.takes.set(key, INTERVAL - 1);
    for (const key of hanging) lanes.bytes.set(key, 0);
    scheduler.start();
    set(...hanging, ...healthy);
    await clock.pass(180_000);
    const ofHealthy = Object.keys(missed).filter((key) => key.startsWith("healthy"));
    expect(ofHealthy).toEqual([]);
    for (const key of healthy) expect(lanes.timesOf(key).length).toBeGreaterThanOrEqual(18);
    const delays = lanes.started
      .filter(({ key, wallMs }) => key.startsWith("healthy") && wallMs > START + 2 * INTERVAL)
      .map(({ atMs, wallMs }) => wallMs - atMs);
    expect(Math.max(...delays)).toBeLessThan(50);
    await end();
  });
});

test("a target under which its lane dies again and again is scraped ever less, until it is well", async () => {
  const { clock, lanes, missed, scheduler, set, end } = scheduled();
  lanes.deadly.add(KEY);
  scheduler.start();
  set(KEY, "healthy");
  await clock.pass(HOUR / 2);
  const tries = lanes.timesOf(KEY);
  const gaps = tries.slice(1).map((atMs, i) => Math.ceil((atMs - (tries[i] ?? 0)) / 60_000));
  expect(gaps.slice(0, 7)).toEqual([1, 1, 2, 3, 5, 6, 6]);
  expect(tries.length + (missed[`${KEY} lane`] ?? 0)).toBe(181);
  expect(lanes.timesOf("healthy").length).toBeGreaterThanOrEqual(180);
  lanes.deadly.clear();
  await clock.pass(HOUR / 2);
  expect(lanes.timesOf(KEY).length - tries.length).toBeGreaterThan(140);
  await end();
});

describe("stopping", () => {
  test("waits for what runs, starts nothing more, and leaves nothing behind", async () => {
    const { clock, lanes, reports, scheduler, set } = scheduled();
    lanes.takes.set(KEY, 5000);
    scheduler.start();
    set(KEY);
    await clock.pass(2500);
    const stopped = scheduler.stop(30_000);
    await clock.pass(20_000);
    await stopped;
    expect(reports).toEqual([`${KEY} opening ok`]);
    expect(lanes.started).toHaveLength(1);
    expect(clock.sleeping).toBe(0);
  });

  test("aborts what still runs when the grace is over", async () => {
    const { clock, lanes, reports, scheduler, set } = scheduled();
    lanes.takes.set(KEY, HOUR);
    scheduler.start();
    set(KEY);
    await clock.pass(2500);
    const stopped = scheduler.stop(1000);
    await clock.pass(1000);
    await stopped;
    expect(reports).toEqual([`${KEY} opening aborted`]);
    expect(clock.sleeping).toBe(0);
  });

  test("ends even where a lane never answers", async () => {
    const { clock, lanes, scheduler, set } = scheduled();
    lanes.scrape = () => new Promise(() => {});
    scheduler.start();
    set(KEY);
    await clock.pass(2500);
    const stopped = scheduler.stop(1000);
    await clock.pass(2000);
    await stopped;
    expect(clock.sleeping).toBe(0);
  });

  test("before the start is fine", async () => {
    const { clock, scheduler, set } = scheduled();
    set(KEY);
    const stopped = scheduler.stop(1000);
    await settle();
    await stopped;
    expect(clock.sleeping).toBe(0);
  });
});
