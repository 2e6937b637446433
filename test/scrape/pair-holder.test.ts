import { expect, test } from "vitest";
import { type HeldHalf, PairHolder } from "../../src/scrape/pair-holder.ts";

function half(part: "sum" | "count", value = "1"): HeldHalf {
  return { part, field: new TextEncoder().encode(part), value };
}

test("two halves of a series meet in any order, the same half twice does not", () => {
  const pairs = new PairHolder();
  expect(pairs.match("a", half("count"))).toBeUndefined();
  expect(pairs.match("b", half("sum"))).toBeUndefined();
  expect(pairs.match("a", half("sum"))).toEqual(half("count"));
  expect(pairs.match("b", half("sum", "2"))).toEqual(half("sum"));
  expect(pairs.drain()).toEqual([["b", half("sum", "2")]]);
});

test("halves that wait are bounded in number, the longest held goes first", () => {
  const pairs = new PairHolder();
  let waiting = 0;
  while (pairs.overflow() === undefined) {
    pairs.match(`series${waiting}`, half("sum"));
    waiting += 1;
  }
  expect(waiting).toBeLessThan(4096);
  expect(pairs.drain()[0]?.[0]).toBe("series1");
});
