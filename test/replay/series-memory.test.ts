import { expect } from "vitest";
import type { SeriesMemory, TableHolder } from "../../src/replay/series-memory.ts";
import { KIB, MIB } from "../../src/units.ts";
import { replayTest, seriesMemory } from "../support/replay-memory.ts";

/** Takes tables, two blocks each, until there is no room. */
function fill(memory: SeriesMemory): TableHolder[] {
  const holders: TableHolder[] = [];
  for (;;) {
    const holder = memory.holder();
    if (memory.use(holder) === 0) return holders;
    holders.push(holder);
  }
}

replayTest("memory that is limited gives out no more than its limit", () => {
  const memory = seriesMemory(16 * MIB);
  expect(memory.limit(2 * MIB)).toBe(true);
  const holders = fill(memory);
  expect(holders.length).toBeGreaterThan(10);
  expect(memory.kernel.usedBytes).toBeLessThanOrEqual(512 * KIB);
});

replayTest("a limit that is raised gives out more, up to what the memory was made for", () => {
  const memory = seriesMemory(4 * MIB);
  memory.limit(2 * MIB);
  const before = fill(memory).length;
  expect(memory.limit(64 * MIB)).toBe(true);
  expect(fill(memory).length).toBeGreaterThan(2 * before);
  expect(memory.kernel.usedBytes).toBeLessThanOrEqual(4 * MIB);
});

replayTest(
  "below what was touched the limit does not hold, used or not: the memory says so",
  () => {
    const memory = seriesMemory(16 * MIB);
    memory.limit(8 * MIB);
    for (const holder of fill(memory)) memory.forget(holder);
    expect(memory.kernel.usedBytes).toBe(0);
    expect(memory.limit(4 * MIB)).toBe(false);
    expect(memory.limit(8 * MIB)).toBe(true);
  },
);
