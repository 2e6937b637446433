import { expect, test } from "vitest";
import { findLedger, LedgerFile } from "../../src/spool/ledger-file.ts";
import { randomOf } from "../delivery/queue/queue-model.ts";
import { FakeDisk } from "./fake-disk.ts";

const DIRECTORY = "/queue";
const FIRST = `${DIRECTORY}/ledger-00000001.led`;
const SECOND = `${DIRECTORY}/ledger-00000002.led`;

async function emptyDisk(): Promise<FakeDisk> {
  const disk = new FakeDisk();
  await disk.makeDirectory(DIRECTORY);
  return disk;
}

/** A life that saves these values of one count, in order; the last of them is its end where `final` says so. */
async function life(disk: FakeDisk, values: readonly number[], final = false): Promise<LedgerFile> {
  const file = new LedgerFile(disk, DIRECTORY, await findLedger(disk, DIRECTORY));
  for (const [index, value] of values.entries()) {
    await save(file, value, final && index === values.length - 1);
  }
  return file;
}

function save(file: LedgerFile, value: number, final = false): Promise<void> {
  return file.save({ savedMs: 1_000 + value, final, counts: new Map([["a\0b", value]]) }, true);
}

/** What the next start finds. */
async function found(disk: FakeDisk) {
  const { last, foreign } = await findLedger(disk, DIRECTORY);
  return { value: last?.counts.get("a\0b"), final: last?.final, savedMs: last?.savedMs, foreign };
}

test("nothing is found where nothing was saved", async () => {
  expect(await found(await emptyDisk())).toMatchObject({ value: undefined, foreign: [] });
});

test.each([[[7]], [[7, 8]], [[7, 8, 9]], [[7, 8, 9, 10]]])(
  "the last of %j is found",
  async (values) => {
    const disk = await emptyDisk();
    await life(disk, values);
    const value = values.at(-1) ?? 0;
    expect(await found(disk)).toEqual({ value, final: false, savedMs: 1_000 + value, foreign: [] });
    disk.losePower();
    expect(await found(disk)).toMatchObject({ value });
  },
);

test("names that are not ASCII and large counts survive", async () => {
  const disk = await emptyDisk();
  const counts = new Map([
    ["größe\0\0", 2 ** 52],
    ["", 0.5],
  ]);
  const file = await life(disk, []);
  await file.save({ savedMs: 5, final: true, counts }, true);
  expect((await findLedger(disk, DIRECTORY)).last).toEqual({ savedMs: 5, final: true, counts });
});

test("a stop is the end of a life until the next one saves", async () => {
  const disk = await emptyDisk();
  await life(disk, [1, 2], true);
  expect(await found(disk)).toMatchObject({ value: 2, final: true });
  await life(disk, [3]);
  expect(await found(disk)).toMatchObject({ value: 3, final: false });
  expect(disk.paths).toEqual([SECOND]);
});

test("a save that is torn leaves the one before", async () => {
  const outcomes = new Set<unknown>();
  for (let seed = 0; seed < 50; seed += 1) {
    const disk = new FakeDisk(randomOf(seed));
    await disk.makeDirectory(DIRECTORY);
    const file = await life(disk, []);
    const saveAll = (value: number, sync: boolean) => {
      const counts = new Map(Array.from({ length: 50 }, (_, index) => [`count ${index}`, value]));
      return file.save({ savedMs: 1, final: false, counts }, sync);
    };
    await saveAll(1, true);
    await saveAll(2, true);
    await saveAll(3, false);
    disk.losePower();
    const { last } = await findLedger(disk, DIRECTORY);
    const values = new Set(last?.counts.values());
    expect(values.size).toBe(1);
    outcomes.add([...values][0]);
  }
  expect(outcomes.has(2)).toBe(true);
  expect(outcomes.has(1)).toBe(false);
});

test("a start that was cut off in its first save takes nothing away, and is no stop", async () => {
  const disk = await emptyDisk();
  await life(disk, [5], true);
  disk.put(SECOND, Buffer.alloc(0));
  expect(await found(disk)).toMatchObject({ value: 5, final: false, foreign: [] });
  await life(disk, [6]);
  expect(disk.paths).toEqual([`${DIRECTORY}/ledger-00000003.led`]);
});

test("a damaged count is not believed, the one before is", async () => {
  const disk = await emptyDisk();
  await life(disk, [1, 2], true);
  const bytes = disk.bytesOf(FIRST);
  const at = bytes.indexOf(Buffer.from("a\0b"), (bytes.length + 512) / 2);
  disk.damage(FIRST, at, Buffer.from("A"));
  expect(await found(disk)).toMatchObject({ value: 1, final: false });
});

test.each([
  ["of another version", (bytes: Buffer) => bytes.writeUInt16LE(2, 8), true],
  ["nonsense", (bytes: Buffer) => bytes.write("nonsense"), false],
])("a file that is %s is left alone and named", async (_, change, isOfAnotherVersion) => {
  const disk = await emptyDisk();
  await life(disk, [1], true);
  change(disk.bytesOf(FIRST));
  const before = Buffer.from(disk.bytesOf(FIRST));
  const foreign = await findLedger(disk, DIRECTORY);
  expect(foreign).toMatchObject({ last: undefined, isOfAnotherVersion });
  expect(foreign.foreign).toEqual(["ledger-00000001.led"]);
  await life(disk, [2]);
  expect(disk.paths).toEqual([FIRST, SECOND]);
  expect(disk.bytesOf(FIRST)).toEqual(before);
});

test("more counts than there is room for go into another file", async () => {
  const disk = await emptyDisk();
  const file = await life(disk, [1]);
  const counts = new Map(Array.from({ length: 500 }, (_, index) => [`count ${index}`, index]));
  await file.save({ savedMs: 1, final: false, counts }, true);
  expect((await findLedger(disk, DIRECTORY)).last?.counts).toEqual(counts);
  expect(disk.paths).toEqual([SECOND]);
});

test("after a fault of the disk or a file taken away it goes on", async () => {
  const disk = await emptyDisk();
  const file = await life(disk, [1]);
  disk.fault = "ENOSPC";
  await expect(save(file, 2)).rejects.toMatchObject({ code: "ENOSPC" });
  expect(await found(disk)).toMatchObject({ value: 1 });
  disk.fault = undefined;
  await save(file, 3);
  expect(await found(disk)).toMatchObject({ value: 3 });
  expect(disk.paths).toHaveLength(1);
  await disk.remove(disk.paths[0] ?? "");
  await save(file, 4);
  expect(await found(disk)).toMatchObject({ value: 4 });
});
