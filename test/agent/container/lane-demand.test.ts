import { describe, expect, test } from "vitest";
import { LaneDemand } from "../../../src/agent/container/lane-demand.ts";

/** Beats with lanes as busy as this, each with ten targets. */
interface Stretch {
  readonly beats: number;
  readonly busy: number;
  readonly used?: number;
  readonly targets?: number;
}

/** The number of lanes after each stretch, where the pool does as it is told. */
function lanesAfter(bounds: { least: number; most: number }, stretches: readonly Stretch[]) {
  const demand = new LaneDemand(bounds, 8);
  let size = bounds.least;
  return stretches.map(({ beats, busy, used = 1, targets = 10 }) => {
    for (let beat = 0; beat < beats; beat++) {
      const loads = Array.from({ length: size }, () => ({ busy, targets }));
      size = demand.after({ loads, processorsUsed: used });
    }
    return size;
  });
}

const BOUNDS = { least: 1, most: 4 };
const settle = { beats: 6, busy: 1 };

describe("a lane more", () => {
  test("comes after three busy beats, not in the first half minute", () => {
    const after = lanesAfter(BOUNDS, [settle, { beats: 2, busy: 0.9 }, { beats: 1, busy: 0.9 }]);
    expect(after).toEqual([1, 1, 2]);
  });

  test("does not come where one beat in three is idle", () => {
    const pulse: Stretch[] = [
      { beats: 2, busy: 0.9 },
      { beats: 1, busy: 0.1 },
    ];
    expect(lanesAfter(BOUNDS, [settle, ...pulse, ...pulse, ...pulse]).at(-1)).toBe(1);
  });

  test("waits until the last one has learned its targets, and stops at the most", () => {
    const busy = { beats: 9, busy: 0.9 };
    expect(lanesAfter(BOUNDS, [busy, busy, busy, busy, busy])).toEqual([2, 3, 4, 4, 4]);
  });

  test("does not come where the quota of processors is used up", () => {
    expect(lanesAfter(BOUNDS, [settle, { beats: 20, busy: 1, used: 7.9 }])).toEqual([1, 1]);
  });

  test("does not come for a lane that has one target", () => {
    expect(lanesAfter(BOUNDS, [settle, { beats: 20, busy: 1, targets: 1 }])).toEqual([1, 1]);
  });
});

describe("a lane fewer", () => {
  const grown = { beats: 9, busy: 0.9 };

  test("after five minutes in which the others could have done it", () => {
    const quiet = [grown, { beats: 65, busy: 0.2 }, { beats: 1, busy: 0.2 }];
    expect(lanesAfter(BOUNDS, quiet)).toEqual([2, 2, 1]);
  });

  test("never where the others would be busy", () => {
    expect(lanesAfter(BOUNDS, [grown, { beats: 300, busy: 0.3 }])).toEqual([2, 2]);
  });
});
