import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeDisk } from "../../src/spool/node-disk.ts";
import { Spool } from "../../src/spool/spool.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";
import { ids, records, waiting } from "./spool-case.ts";

function open(directory: string) {
  return Spool.open({ disk: nodeDisk, directory, segmentBytes: 500, nowMs: () => 0 });
}

test("a spool on a real disk: written, settled, opened again", async () => {
  const directory = join(scratchDirectory("spool"), "a", "b");
  const spool = await open(directory);
  await spool.attach("a");
  expect(await spool.append(records(10))).toMatchObject({ kind: "ok" });
  expect(await spool.sync()).toMatchObject({ kind: "ok" });
  spool.settle("a", 1, 2);
  await spool.writePositions();
  expect(await spool.dropMissing()).toEqual([]);
  await spool.close();
  expect(await waiting(await open(directory), "a")).toEqual(ids(8, 2));
});

test("a lock is held once, let go of, and does not mind a socket that nobody listens on", async () => {
  // Longer than the path of a socket may be.
  const directory = join(scratchDirectory("lock"), "x".repeat(150));
  await nodeDisk.makeDirectory(directory);
  const lock = await nodeDisk.lock(directory);
  expect(lock?.abandoned).toBe(false);
  expect(await nodeDisk.lock(directory)).toBeUndefined();
  await lock?.release();
  const again = await nodeDisk.lock(directory);
  expect(again?.abandoned).toBe(false);
  await again?.release();
});

test("the space of a disk is more than nothing", async () => {
  const { free, total } = await nodeDisk.space("/tmp");
  expect(free).toBeGreaterThan(0);
  expect(total).toBeGreaterThan(free);
});

test("a lock knows that its directory is not there any more, or another one", async () => {
  const directory = join(scratchDirectory("lock"), "queue");
  await nodeDisk.makeDirectory(directory);
  const lock = await nodeDisk.lock(directory);
  expect(await lock?.isHere()).toBe(true);
  rmSync(directory, { recursive: true });
  expect(await lock?.isHere()).toBe(false);
  await nodeDisk.makeDirectory(directory);
  expect(await lock?.isHere()).toBe(false);
  await lock?.release();
});
