import { chownSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeDisk } from "../../src/spool/node-disk.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";

const OWNER = 12_345;
const isRoot = process.getuid?.() === 0;

test.skipIf(!isRoot)("what root makes in somebody's directory belongs to them", async () => {
  const directory = scratchDirectory("owner");
  chownSync(directory, OWNER, OWNER);
  await nodeDisk.makeDirectory(join(directory, "queue", "metric"));
  const lock = await nodeDisk.lock(join(directory, "queue"));
  const file = await nodeDisk.create(join(directory, "queue", "metric", "1.seg"));
  await file.close();
  const made = readdirSync(directory, { recursive: true }).map(String);
  expect(made.toSorted()).toEqual([
    "queue",
    "queue/lock.sock",
    "queue/metric",
    "queue/metric/1.seg",
  ]);
  expect(made.map((name) => statSync(join(directory, name)).uid)).toEqual(made.map(() => OWNER));
  await lock?.release();
});
