import { expect, test } from "vitest";
import { ShiftedClock } from "../../src/agent/shifted-clock.ts";
import { SteppingClock } from "./schedule/stepping-clock.ts";

test("without a shift it is the clock below", () => {
  const clock = new ShiftedClock(new SteppingClock(5000));
  expect([clock.now(), clock.monotonic()]).toEqual([5000, 0]);
});

test.each([[90_000], [-1500]])("a shift of %d ms moves the time of day alone", (shiftMs) => {
  const clock = new ShiftedClock(new SteppingClock(5000));
  clock.shiftMs = shiftMs;
  expect([clock.now(), clock.monotonic()]).toEqual([5000 + shiftMs, 0]);
});

test("a sleep ends with its signal", async () => {
  const clock = new ShiftedClock(new SteppingClock(5000));
  await expect(clock.sleep(60_000, AbortSignal.abort())).resolves.toBeUndefined();
});
