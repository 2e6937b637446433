import { expect, test } from "vitest";
import { hashKey } from "../../src/lanes/key-hash.ts";

test("is the same in every process and version", () => {
  expect(hashKey("", 0)).toBe(2872998923);
  expect(hashKey("http://10.0.0.1:9100/metrics#1a2b", 1)).toBe(3061635914);
});

test.for([2, 3, 7, 1000])("spreads similar keys evenly modulo %i", (modulus) => {
  const counts = new Array<number>(modulus).fill(0);
  const each = 100;
  for (let i = 0; i < modulus * each; i++) {
    const bucket = hashKey(`http://10.0.${i >> 8}.${i & 255}:9100/metrics`, 1) % modulus;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  // Five standard deviations of a fair spread.
  expect(Math.min(...counts)).toBeGreaterThan(each - 5 * Math.sqrt(each));
  expect(Math.max(...counts)).toBeLessThan(each + 5 * Math.sqrt(each));
});
