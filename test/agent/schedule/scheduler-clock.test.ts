import { describe, expect, test } from "vitest";
import { admissionDefaults } from "../../../src/agent/schedule/admission.ts";
import { firstTick, HOUR, INTERVAL, KEY, START, scheduled } from "./scheduled.ts";

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
