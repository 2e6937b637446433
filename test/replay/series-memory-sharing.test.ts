import { expect } from "vitest";
import { TEXT } from "../../src/replay/kernel-memory.ts";
import type { SeriesMemory, TableHolder } from "../../src/replay/series-memory.ts";
import { MIB } from "../../src/units.ts";
import { seriesMemory, replayTest as test } from "../support/replay-memory.ts";

/** Holders that were used one after the other, until there was no room for another table. */
function fill(memory: SeriesMemory): TableHolder[] {
  const holders: TableHolder[] = [];
  for (;;) {
    const holder = memory.holder();
    if (memory.use(holder) === 0) {
      memory.release(holder);
      return holders;
    }
    memory.release(holder);
    holders.push(holder);
  }
}

test("a target has one table, however often it is used", () => {
  const memory = seriesMemory();
  const holder = memory.holder();
  const table = memory.use(holder);
  expect(table).toBeGreaterThan(0);
  expect(memory.use(holder)).toBe(table);
  memory.release(holder);
  expect(memory.use(holder)).toBe(table);
});

test("a new target pushes out none that was used", () => {
  const memory = seriesMemory(2 * MIB);
  const holders = fill(memory);
  expect(holders.length).toBeGreaterThan(5);
  expect(holders.every(({ table }) => table !== 0)).toBe(true);
});

test("a target that comes again takes the memory of the one that was not used for longest", () => {
  const memory = seriesMemory(2 * MIB);
  const [first, second, third] = fill(memory) as [TableHolder, TableHolder, TableHolder];
  memory.drop(third);
  const filler = memory.holder();
  memory.use(filler);
  memory.use(third);
  expect([first.table, third.table > 0, second.table > 0]).toEqual([0, true, true]);
});

test("a table in use is not taken, and memory that is all in use says no", () => {
  const memory = seriesMemory(2 * MIB);
  const holders = fill(memory);
  const [first, second] = holders as [TableHolder, TableHolder];
  memory.use(first);
  const asking = { ...memory.holder(), usedBefore: Number.POSITIVE_INFINITY };
  expect(memory.makeRoom(asking)).toBe(true);
  expect([first.table > 0, second.table]).toEqual([true, 0]);
  for (const holder of holders.filter(({ table }) => table !== 0)) {
    memory.use(holder);
  }
  expect(memory.makeRoom(asking)).toBe(false);
});

test("a target that is forgotten gives its memory back", () => {
  const memory = seriesMemory();
  const holder = memory.holder();
  memory.use(holder);
  expect(memory.kernel.usedBytes).toBeGreaterThan(0);
  memory.forget(holder);
  memory.forget(holder);
  expect([holder.table, memory.kernel.usedBytes]).toEqual([0, 0]);
});

test("a table that has its part of the memory is full", () => {
  const memory = seriesMemory(2 * MIB);
  const holder = memory.holder();
  const { kernel } = memory;
  const table = memory.use(holder);
  expect(memory.isFull(holder)).toBe(false);
  let slots = 0;
  do {
    kernel.words[TEXT >> 2] = ++slots;
  } while (kernel.calls.learnSlot(table, TEXT, 4) !== 0);
  expect(memory.isFull(holder)).toBe(true);
  expect(kernel.calls.freeBlocks()).toBeGreaterThan(kernel.blocks / 3);
});
