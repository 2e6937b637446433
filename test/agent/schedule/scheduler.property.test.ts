import fc from "fast-check";
import { expect, test } from "vitest";
import { openingOf, phaseOf, tickAfter } from "../../../src/agent/schedule/phase.ts";
import { Scheduler, type Tick } from "../../../src/agent/schedule/scheduler.ts";
import { MIB } from "../../../src/units.ts";
import { target } from "../../lanes/targets.ts";
import { SteppingClock } from "./stepping-clock.ts";
import { TimedLanes } from "./timed-lanes.ts";

const START = 1_700_000_000_000;
const KEYS = ["a", "b", "c", "d"];
const INTERVALS = [1000, 2500, 10_000];

/** Few slots, so that ticks have to wait. */
const SETTINGS = { budgetBytes: 4 * MIB, slotsPerLane: 2, slowPerLane: 1 };

const key = fc.constantFrom(...KEYS);
const add = fc.record({
  kind: fc.constant("add" as const),
  key,
  interval: fc.constantFrom(...INTERVALS),
});
const remove = fc.record({ kind: fc.constant("remove" as const), key });
const takes = fc.record({ kind: fc.constant("takes" as const), key, ms: fc.nat(12_000) });
const lane = fc.record({ kind: fc.constant("lane" as const), up: fc.boolean() });
const pass = fc.record({ kind: fc.constant("pass" as const), ms: fc.nat(20_000) });
const stall = fc.record({ kind: fc.constant("stall" as const), ms: fc.nat(20_000) });
const step = fc.record({
  kind: fc.constant("step" as const),
  ms: fc.oneof(fc.integer({ min: -100_000, max: 100_000 }), fc.integer({ min: -9000, max: 9000 })),
});

type Step = typeof calm | typeof wild extends fc.Arbitrary<infer T> ? T : never;
const some = fc.uniqueArray(fc.tuple(key, fc.constantFrom(...INTERVALS)), {
  selector: ([name]) => name,
  minLength: 1,
});
const stepping = fc.oneof(pass, step);
const calm = fc.oneof(takes, lane, pass, stall);
const wild = fc.oneof(add, remove, takes, lane, pass, stall, step);

interface Seen {
  readonly key: string;
  readonly interval: number;
  readonly tick: Tick;
}

/** Runs the scheduler through the steps. */
async function run(steps: readonly Step[], desired: Map<string, number>) {
  const clock = new SteppingClock(START);
  const lanes = new TimedLanes(clock);
  for (const name of KEYS) lanes.takes.set(name, 700);
  const seen: Seen[] = [];
  const missed = new Map<string, number>();
  const scheduler = new Scheduler(
    lanes,
    SETTINGS,
    {
      onReport: ({ key: name }, tick) => {
        const interval = desired.get(name);
        if (interval !== undefined) seen.push({ key: name, interval, tick });
      },
      onMissed: ({ key: name }, _reason, ticks) => {
        expect(Number.isInteger(ticks) && ticks > 0).toBe(true);
        missed.set(name, (missed.get(name) ?? 0) + ticks);
      },
    },
    clock,
  );
  const set = () =>
    scheduler.set([...desired].map(([name, intervalMs]) => ({ target: target(name), intervalMs })));
  scheduler.start();
  set();
  for (const one of steps) {
    switch (one.kind) {
      case "add":
        // Another interval under the same key would make its ticks ambiguous here.
        if (!desired.has(one.key)) desired.set(one.key, one.interval);
        set();
        break;
      case "remove":
        desired.delete(one.key);
        set();
        break;
      case "takes":
        lanes.takes.set(one.key, one.ms);
        break;
      case "lane":
        lanes.up = one.up;
        break;
      case "pass":
        await clock.pass(one.ms);
        break;
      case "stall":
        await clock.stall(one.ms);
        break;
      case "step":
        clock.step(one.ms);
        break;
    }
    await clock.pass(0);
  }
  lanes.up = true;
  await clock.pass(1001);
  const endMs = clock.now();
  const stopped = scheduler.stop(0);
  await clock.pass(1000);
  await stopped;
  expect(clock.sleeping).toBe(0);
  expect(lanes.running.size).toBe(0);
  expect(lanes.faults).toEqual([]);
  return { lanes, seen, missed, endMs };
}

test("whatever happens, scrapes never overlap and keep to the grid of their target", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(wild, { maxLength: 40 }), async (steps) => {
      const { seen } = await run(steps, new Map());
      for (const { key: name, interval, tick } of seen) {
        if (tick.onGrid) expect((tick.atMs - phaseOf(name, interval)) % interval).toBe(0);
      }
    }),
    { numRuns: 300 },
  );
});

test("no tick is scraped twice, unless the clock went back by an interval or more", async () => {
  await fc.assert(
    fc.asyncProperty(some, fc.array(stepping, { minLength: 10 }), async (targets, steps) => {
      const intervals = new Map(targets);
      const { lanes } = await run(steps, intervals);
      const last = new Map<string, number>();
      for (const { key: name, atMs, wentBackMs } of lanes.started) {
        const before = last.get(`${name} ${atMs}`);
        last.set(`${name} ${atMs}`, wentBackMs);
        if (before === undefined) continue;
        expect(wentBackMs - before).toBeGreaterThanOrEqual(intervals.get(name) ?? 0);
      }
    }),
    { numRuns: 300 },
  );
});

test("each tick is scraped or counted as missed", async () => {
  await fc.assert(
    fc.asyncProperty(some, fc.array(calm, { maxLength: 40 }), async (targets, steps) => {
      const { lanes, missed, endMs } = await run(steps, new Map(targets));
      for (const [name, interval] of targets) {
        const phase = phaseOf(name, interval);
        const opening = openingOf(name, START, phase, interval);
        const ticks =
          (tickAfter(endMs, phase, interval) - tickAfter(START, phase, interval)) / interval;
        const due = ticks + (!opening.onGrid && opening.atMs <= endMs ? 1 : 0);
        const waiting = due - lanes.timesOf(name).length - (missed.get(name) ?? 0);
        expect([0, 1]).toContain(waiting);
      }
    }),
    { numRuns: 300 },
  );
});
