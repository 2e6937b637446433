import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PlanInputs, planMemory } from "../../../src/agent/container/memory-plan.ts";
import { GIB, MIB } from "../../../src/units.ts";

interface Given {
  readonly limitMib?: number;
  readonly machineMib?: number;
  readonly quota?: number;
  readonly processors?: number;
  readonly lanes?: number;
  readonly replayMib?: number;
  readonly deliveryMib?: number;
}

function inputs(given: Given): PlanInputs {
  const bytes = (mib: number | undefined) => (mib === undefined ? undefined : mib * MIB);
  return {
    limits: {
      memoryBytes: bytes(given.limitMib),
      machineBytes: (given.machineMib ?? 24_576) * MIB,
      processors: given.quota,
      machineProcessors: given.processors ?? 64,
    },
    lanes: given.lanes,
    replayBytes: bytes(given.replayMib),
    deliveryBytes: bytes(given.deliveryMib),
  };
}

const planOf = (given: Given) => planMemory(inputs(given));

describe("what the limit is", () => {
  test.each<[Given, number, string]>([
    [{ limitMib: 192 }, 192, "container"],
    [{}, 1024, "cap"],
    [{ machineMib: 512 }, 512, "machine"],
    [{ limitMib: 2048, machineMib: 1024 }, 1024, "machine"],
    [{ limitMib: 4096 }, 4096, "container"],
  ])("%j: %d MiB of the %s", (given, mib, from) => {
    expect(planOf(given).limitBytes).toEqual({ value: mib * MIB, from });
  });
});

describe("lanes at most", () => {
  test.each<[Given, number, string]>([
    [{ processors: 1 }, 1, "processors"],
    [{ processors: 2 }, 1, "processors"],
    [{ processors: 8 }, 7, "processors"],
    [{ quota: 0.5 }, 1, "processors"],
    [{ quota: 2.5 }, 2, "processors"],
    [{ limitMib: 192 }, 1, "memory"],
    [{ limitMib: 96 }, 1, "memory"],
    [{ limitMib: 4096 }, 16, "most"],
  ])("%j: %d, because of %s", (given, most, from) => {
    expect(planOf(given).lanes).toEqual({ least: 1, most, from });
  });

  test("a number that is set stays, and is warned of where it does not fit", () => {
    const plan = planOf({ limitMib: 192, lanes: 8 });
    expect(plan.lanes).toEqual({ least: 8, most: 8, from: "set" });
    expect(plan.warnings).toEqual([expect.stringMatching(/192 MiB.*lower lanes.count = 8/)]);
    expect(planOf({ limitMib: 512, lanes: 3 }).warnings).toEqual([]);
  });
});

test("what is set wins, and the rest shares what is left", () => {
  const plan = planOf({ limitMib: 192, replayMib: 8, deliveryMib: 2 });
  expect(plan.replayBytes).toEqual({ value: 8 * MIB, from: "set" });
  expect(plan.deliveryBytes).toEqual({ value: 2 * MIB, from: "set" });
  expect(plan.warnings).toEqual([]);
});

test("what is set and does not fit is warned of by name", () => {
  const plan = planOf({ limitMib: 192, replayMib: 256, deliveryMib: 64 });
  expect(plan.warnings).toEqual([
    expect.stringMatching(/lower replay.max_bytes = 268435456, delivery.max_memory = 67108864, or/),
  ]);
});

test("a limit that nothing fits into is warned of", () => {
  expect(planOf({ limitMib: 64 }).warnings).toEqual([expect.stringMatching(/raise the memory/)]);
});

test("without a limit nothing is warned of: there is more memory than is planned with", () => {
  expect(planOf({ replayMib: 2048 }).warnings).toEqual([]);
});

test("0 is a setting: nothing is remembered", () => {
  expect(planOf({ limitMib: 192, replayMib: 0 }).replayBytes).toEqual({ value: 0, from: "set" });
});

test("from 96 MiB on a plan of defaults fits its limit, with room to spare, and grows with it", () => {
  const limits = fc.integer({ min: 96, max: 8192 });
  fc.assert(
    fc.property(limits, fc.integer({ min: 1, max: 256 }), (limitMib, processors) => {
      const plan = planOf({ limitMib, processors });
      const { lanes, replayBytes, deliveryBytes, neededBytes } = plan;
      const all = neededBytes + (lanes.most - lanes.least) * 32 * MIB;
      expect(all).toBeLessThanOrEqual(limitMib * MIB);
      expect(plan.warnings).toEqual([]);
      const more = planOf({ limitMib: limitMib + 64, processors });
      expect(more.replayBytes.value).toBeGreaterThanOrEqual(replayBytes.value);
      expect(more.deliveryBytes.value).toBeGreaterThanOrEqual(deliveryBytes.value);
      expect(more.lanes.most).toBeGreaterThanOrEqual(lanes.most);
    }),
  );
});

test("a large machine without a limit has what it always had", () => {
  const plan = planOf({});
  expect([plan.replayBytes.value, plan.deliveryBytes.value]).toEqual([64 * MIB, 64 * MIB]);
  expect(plan.limitBytes.value).toBe(GIB);
});
