import { expect, test } from "vitest";
import { systemClock, WAIT_OVER } from "../src/clock.ts";
import { HOUR } from "../src/units.ts";

test("a sleep ends by time, by an abort, and at once where that came before", async () => {
  await systemClock.sleep(1);
  const abort = new AbortController();
  const sleeping = systemClock.sleep(HOUR, abort.signal);
  abort.abort(WAIT_OVER);
  await sleeping;
  await systemClock.sleep(HOUR, abort.signal);
});

test("a sleep leaves no timer behind", async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const before = timers();
  const abort = new AbortController();
  const sleeping = systemClock.sleep(HOUR, abort.signal);
  expect(timers()).toBe(before + 1);
  abort.abort(WAIT_OVER);
  await sleeping;
  expect(timers()).toBe(before);
});
