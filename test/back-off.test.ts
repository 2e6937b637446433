import { expect, test } from "vitest";
import { type BackOff, backOffMs } from "../src/back-off.ts";

const bounds: BackOff = { firstMs: 100, longestMs: 1000 };

function waits(backOff: BackOff, failures: readonly number[], random?: number): number[] {
  return failures.map((count) => backOffMs(backOff, count, random));
}

test("doubles from the first wait to the longest", () => {
  expect(waits(bounds, [1, 2, 3, 4, 5, 6])).toEqual([100, 200, 400, 800, 1000, 1000]);
});

test("nothing has failed: no wait", () => {
  expect(waits(bounds, [0, -1])).toEqual([0, 0]);
});

test("any number of failures is a wait", () => {
  expect(waits(bounds, [1e9, Number.MAX_SAFE_INTEGER])).toEqual([1000, 1000]);
});

test("full jitter draws all of the wait, half of it the upper half", () => {
  expect(waits({ ...bounds, jitter: "full" }, [1, 3], 0.5)).toEqual([50, 200]);
  expect(waits({ ...bounds, jitter: "full" }, [3], 0)).toEqual([0]);
  expect(waits({ ...bounds, jitter: "half" }, [1, 3], 0.5)).toEqual([75, 300]);
  expect(waits({ ...bounds, jitter: "half" }, [3], 0)).toEqual([200]);
});

test("without jitter the draw makes no difference", () => {
  expect(waits(bounds, [2], 0.1)).toEqual([200]);
});
