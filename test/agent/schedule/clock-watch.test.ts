import { expect, test } from "vitest";
import { ClockWatch } from "../../../src/agent/schedule/clock-watch.ts";
import { SteppingClock } from "./stepping-clock.ts";

async function watched(steps: readonly number[]): Promise<number[]> {
  const clock = new SteppingClock(1_700_000_000_000);
  const watch = new ClockWatch(clock);
  const seen: number[] = [];
  for (const step of steps) {
    await clock.pass(1000);
    clock.step(step);
    seen.push(watch.jump());
  }
  return seen;
}

test("time that passes is no jump", async () => {
  expect(await watched([0, 0, 0])).toEqual([0, 0, 0]);
});

test("slewing does not add up to a jump", async () => {
  expect(await watched([400, 400, 400, -900, -900])).toEqual([0, 0, 0, 0, 0]);
});

test("a step is seen once, either way", async () => {
  expect(await watched([5000, 0, -3_600_000, 0])).toEqual([5000, 0, -3_600_000, 0]);
});
