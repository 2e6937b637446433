import { describe, expect, test } from "vitest";
import { admissionDefaults } from "../../src/agent/admission.ts";
import { phaseOf } from "../../src/agent/phase.ts";
import { Scheduler } from "../../src/agent/scheduler.ts";
import { target } from "../lanes/targets.ts";
import { SteppingClock, settle } from "./stepping-clock.ts";
import { TimedLanes } from "./timed-lanes.ts";

const START = 1_700_000_000_000;
const INTERVAL = 10_000;
const HOUR = 3_600_000;

function scheduled(settings = admissionDefaults) {
  const clock = new SteppingClock(START);
  const lanes = new TimedLanes(clock);
  const reports: string[] = [];
  const missed: Record<string, number> = {};
  const scheduler = new Scheduler(
    lanes,
    settings,
    {
      onReport: ({ key }, tick, { outcome }) => {
        const how = outcome.kind === "ok" ? "ok" : outcome.reason;
        reports.push(`${key} ${tick.onGrid ? "tick" : "opening"} ${how}`);
      },
      onMissed: ({ key }, reason, ticks) => {
        missed[`${key} ${reason}`] = (missed[`${key} ${reason}`] ?? 0) + ticks;
      },
    },
    clock,
  );
  const set = (...keys: string[]) =>
    scheduler.set(keys.map((key) => ({ target: target(key), intervalMs: INTERVAL })));
  const end = async () => {
    const stopped = scheduler.stop(0);
    await clock.pass(1000);
    await stopped;
    expect(lanes.faults).toEqual([]);
  };
  return { clock, lanes, reports, missed, scheduler, set, end };
}

/** A key whose first tick after START is later than its opening. */
const KEY = keyWith((phase) => untilTick(phase) > 4000 && untilTick(phase) < 9000);

function keyWith(fits: (phase: number) => boolean): string {
  for (let i = 0; ; i++) if (fits(phaseOf(`t${i}`, INTERVAL))) return `t${i}`;
}

function untilTick(phase: number): number {
  return (phase - (START % INTERVAL) + INTERVAL) % INTERVAL;
}

function firstTick(key: string): number {
  return START + untilTick(phaseOf(key, INTERVAL));
}

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
    await clock.pass(15_000);
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
    await clock.pass(15_000);
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
    await clock.pass(15_000);
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

describe("a wall clock that is set", () => {
  test("forward: nothing is caught up, what was passed over is counted", async () => {
    const { clock, lanes, missed, scheduler, set, end } = scheduled();
    scheduler.start();
    set(KEY);
    await clock.pass(firstTick(KEY) - START + 100);
    const before = lanes.started.length;
    clock.step(HOUR);
    await clock.pass(INTERVAL - 200);
    expect(lanes.started.length).toBe(before);
    expect(missed).toEqual({ [`${KEY} clock_jump`]: 360 });
    await clock.pass(200);
    expect(lanes.timesOf(KEY).at(-1)).toBe(firstTick(KEY) + HOUR + INTERVAL);
    await end();
  });

  test("back by an hour: ticks go on at once in the new time", async () => {
    const { clock, lanes, missed, scheduler, set, end } = scheduled();
    scheduler.start();
    set(KEY);
    await clock.pass(firstTick(KEY) - START + 100);
    clock.step(-HOUR);
    await clock.pass(INTERVAL);
    expect(missed).toEqual({});
    expect(lanes.timesOf(KEY).at(-1)).toBe(firstTick(KEY) - HOUR + INTERVAL);
    await end();
  });

  test("back by less than an interval: no tick comes twice", async () => {
    const { clock, lanes, scheduler, set, end } = scheduled();
    scheduler.start();
    set(KEY);
    await clock.pass(firstTick(KEY) - START + 100);
    clock.step(-5000);
    await clock.pass(3 * INTERVAL);
    const times = lanes.timesOf(KEY);
    expect(new Set(times).size).toBe(times.length);
    expect(times.slice(1, 3)).toEqual([firstTick(KEY), firstTick(KEY) + INTERVAL]);
    await end();
  });

  test("a tick that waits for its turn does not begin with a time of the old clock", async () => {
    const { clock, lanes, missed, scheduler, set, end } = scheduled({
      ...admissionDefaults,
      slotsPerLane: 1,
      slowPerLane: 0,
    });
    scheduler.start();
    lanes.takes.set("hog", 9000);
    set("hog");
    await clock.pass(3000);
    set("hog", KEY);
    await clock.pass(2500);
    clock.step(HOUR);
    await clock.pass(30_000);
    expect(missed[`${KEY} clock_jump`]).toBeGreaterThan(360);
    for (const { key, atMs, wallMs } of lanes.started) {
      if (key === KEY) expect(wallMs - atMs).toBeLessThan(INTERVAL);
    }
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
