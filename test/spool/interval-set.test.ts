import fc from "fast-check";
import { expect, test } from "vitest";
import { type Interval, IntervalSet } from "../../src/spool/interval-set.ts";

const interval = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 9 }))
  .map(([first, more]) => ({ first, last: first + more }));
const intervals = fc.array(interval, { maxLength: 20 });

function numbersOf(all: readonly Interval[]): Set<number> {
  return new Set(
    all.flatMap(({ first, last }) =>
      Array.from({ length: last - first + 1 }, (_, index) => first + index),
    ),
  );
}

function setOf(all: readonly Interval[]): IntervalSet {
  const set = new IntervalSet();
  for (const one of all) {
    set.add(one);
  }
  return set;
}

test("is the set of the numbers added, in as few intervals as there can be", () => {
  fc.assert(
    fc.property(intervals, interval, (added, asked) => {
      const set = setOf(added);
      const numbers = numbersOf(added);
      expect(numbersOf(set.intervals)).toEqual(numbers);
      const touching = set.intervals.some(({ last }) =>
        set.intervals.some(({ first }) => first === last + 1),
      );
      expect(touching).toBe(false);
      const missing = [...numbersOf([asked])].filter((one) => !numbers.has(one));
      expect([...numbersOf(set.gapsIn(asked))]).toEqual(missing);
    }),
  );
});
