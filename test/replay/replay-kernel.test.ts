import { expect } from "vitest";
import { loadKernel } from "../../src/recall/kernel-file.ts";
import {
  ARENA,
  KEY_BYTES,
  KEYS,
  ROOM_BYTES,
  ROOM_SLACK,
  ROOMS_COUNT,
} from "../../src/replay/kernel-memory.ts";
import { ReplayKernel } from "../../src/replay/replay-kernel.ts";
import { MIB } from "../../src/units.ts";
import { seriesMemory, replayTest as test } from "../support/replay-memory.ts";

const PAGE = 65_536;

function kernelOf(
  bytes: number,
  seed: (bytes: Uint8Array) => void = () => undefined,
): ReplayKernel {
  const file = loadKernel();
  if (file.kind === "missing") {
    throw new Error(file.reason);
  }
  return new ReplayKernel(file.module, bytes, seed);
}

test("it has the memory it is given, in whole pages, and at least one for tables", () => {
  expect(kernelOf(4 * MIB + 1).bytes).toHaveLength(4 * MIB + PAGE);
  const least = kernelOf(0);
  expect(least.bytes).toHaveLength(ARENA + PAGE);
  expect(least.blocks).toBeGreaterThan(0);
});

test("its keys are those of the seed, all of them and nothing else", () => {
  const kernel = kernelOf(4 * MIB, (bytes) => void bytes.fill(0xff));
  const keys = kernel.bytes.subarray(KEYS, KEYS + KEY_BYTES);
  expect(keys.every((byte) => byte === 0xff)).toBe(true);
  expect([kernel.byteAt(KEYS - 1), kernel.byteAt(KEYS + KEY_BYTES)]).toEqual([0, 0]);
});

test("it gives away a few rooms that do not touch, and then none", () => {
  const kernel = kernelOf(4 * MIB);
  const rooms = Array.from({ length: ROOMS_COUNT }, () => kernel.takeRoom());
  const starts = rooms.map((room) => room?.byteOffset ?? 0);
  expect(new Set(rooms.map((room) => room?.length))).toEqual(new Set([ROOM_BYTES - ROOM_SLACK]));
  expect(starts.slice(1).map((start, at) => start - (starts[at] ?? 0))).toEqual(
    Array.from({ length: ROOMS_COUNT - 1 }, () => ROOM_BYTES),
  );
  expect((starts.at(-1) ?? 0) + ROOM_BYTES).toBeLessThanOrEqual(ARENA);
  expect(kernel.takeRoom()).toBeUndefined();
});

test("the bytes in use are those of its tables", () => {
  const { kernel } = seriesMemory();
  expect(kernel.usedBytes).toBe(0);
  const table = kernel.calls.newTable(8);
  expect(kernel.usedBytes).toBe(kernel.calls.tableBlocks(table) * 8192);
  kernel.calls.dropTable(table);
  expect(kernel.usedBytes).toBe(0);
});
