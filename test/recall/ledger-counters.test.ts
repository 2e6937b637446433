import { expect, test } from "vitest";
import { noLines } from "../../src/points/line-counts.ts";
import { LedgerCounters } from "../../src/recall/ledger-counters.ts";
import { MAX_COUNTERS } from "../../src/replay/kernel-memory.ts";

const counters = new LedgerCounters(noLines());
const reasons = [...Object.keys(noLines().filtered), ...Object.keys(noLines().dropped)] as const;

test("each reason has a number of its own, and the kernel has room for all", () => {
  const numbers = reasons.map((reason) => counters.of(reason as "info"));
  expect(numbers.toSorted((one, other) => one - other)).toEqual([...reasons.keys()]);
  expect(counters.size).toBe(reasons.length);
  expect(counters.size).toBeLessThanOrEqual(MAX_COUNTERS);
  expect(counters.of(undefined)).toBe(-1);
});

test.each(reasons)("samples of %s are added to that reason and no other", (reason) => {
  const counts = noLines();
  counters.add(counts, counters.of(reason as "info"), 3);
  counters.add(counts, counters.of(reason as "info"), 2);
  const all = { ...counts.filtered, ...counts.dropped };
  expect(all).toEqual({ ...noLines().filtered, ...noLines().dropped, [reason]: 5 });
});

test("the reasons that the kernel gives itself are known by name", () => {
  expect(counters.info).toBe(counters.of("info"));
  expect(counters.notFinite).toBe(counters.of("not_finite"));
});
