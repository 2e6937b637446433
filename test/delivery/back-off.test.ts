import { expect, test } from "vitest";
import { destinationBackOff } from "../../src/delivery/back-off.ts";

test("the wait doubles up to a minute, drawn between nothing and all of it", () => {
  expect(
    [1, 2, 3, 6, 7, 50, 5000].map((failures) => destinationBackOff(failures, "normal", 1)),
  ).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000, 60_000]);
  expect(destinationBackOff(50, "normal", 0)).toBe(100);
  expect(destinationBackOff(4, "normal", 0.25)).toBe(2000);
});

test("the slow pace is half a minute to a minute from the start", () => {
  expect([destinationBackOff(1, "slow", 0), destinationBackOff(9, "slow", 1)]).toEqual([
    30_000, 60_000,
  ]);
});
