import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { encodeHeader, HEADER_BYTES } from "../../src/spool/segment-format.ts";
import { FakeDisk } from "./fake-disk.ts";
import { DIRECTORY, ids, openSpool, records, waiting } from "./spool-case.ts";

async function written(disk: FakeDisk, count: number, segmentBytes?: number) {
  const spool = await openSpool(disk, segmentBytes);
  await spool.attach("a");
  await spool.append(records(count));
  await spool.sync();
  return spool;
}

function segmentPath(disk: FakeDisk): string {
  return disk.paths.find((path) => path.endsWith(".seg")) ?? "";
}

test("what was appended and synced is there after a loss of power", async () => {
  const disk = new FakeDisk();
  await written(disk, 5);
  disk.losePower();
  expect(await waiting(await openSpool(disk), "a")).toEqual(ids(5));
});

test("what was settled does not come again", async () => {
  const disk = new FakeDisk();
  const spool = await written(disk, 5);
  spool.settle("a", 2, 3);
  await spool.writePositions();
  disk.kill();
  expect(await waiting(await openSpool(disk), "a")).toEqual(["dk_0", "dk_3", "dk_4"]);
});

test("what was settled and synced does not come again after a loss of power", async () => {
  const disk = new FakeDisk();
  const spool = await written(disk, 5);
  spool.settle("a", 2, 3);
  await spool.sync();
  disk.losePower();
  expect(await waiting(await openSpool(disk), "a")).toEqual(["dk_0", "dk_3", "dk_4"]);
});

test("positions whose sync failed are written to another file", async () => {
  const answers: number[] = [];
  const disk = new FakeDisk(() => answers.shift() ?? 1);
  const spool = await written(disk, 5);
  const before = disk.paths.filter((path) => path.endsWith(".pos"));
  spool.settle("a", 2, 3);
  disk.faultRate = 0.5;
  // The write succeeds, the sync after it does not.
  answers.push(1, 0);
  expect(await spool.sync()).toMatchObject({ kind: "fault", code: "EIO" });
  expect(await spool.sync()).toMatchObject({ kind: "ok" });
  expect(disk.paths).not.toContain(before[0]);
  expect(await waiting(await openSpool(disk), "a")).toEqual(["dk_0", "dk_3", "dk_4"]);
});

test("a file of positions that is torn does not keep the next life from writing its own", async () => {
  const disk = new FakeDisk();
  const spool = await written(disk, 5);
  spool.settle("a", 2, 3);
  await spool.sync();
  const path = disk.paths.find((one) => one.endsWith(".pos")) ?? "";
  disk.put(path.replace(/\d{8}(?=\.pos$)/, "00000002"), Buffer.from("torn"));
  const next = await openSpool(disk);
  expect(await waiting(next, "a")).toEqual(["dk_0", "dk_3", "dk_4"]);
  next.settle("a", 4, 4);
  expect(await next.sync()).toMatchObject({ kind: "ok" });
  expect(await waiting(await openSpool(disk), "a")).toEqual(["dk_0", "dk_4"]);
});

test("a torn tail is cut, and what comes later is appended after it", async () => {
  const disk = new FakeDisk();
  await written(disk, 5);
  const path = segmentPath(disk);
  disk.put(path, disk.bytesOf(path).subarray(0, -30));
  const second = await openSpool(disk);
  expect(second.recovery.tornBytes).toBe(168 - 30);
  await second.append(records(1, 9));
  expect(await waiting(await openSpool(disk), "a")).toEqual([...ids(4), "dk_9"]);
});

test("a bad record in the middle is left out and counted", async () => {
  const disk = new FakeDisk();
  await written(disk, 5);
  disk.damage(segmentPath(disk), HEADER_BYTES + 2 * 168 + 80, Uint8Array.of(1, 2, 3));
  const second = await openSpool(disk);
  expect(second.recovery).toMatchObject({ damagedRecords: 1, tornBytes: 0 });
  expect(await waiting(second, "a")).toEqual(["dk_0", "dk_1", "dk_3", "dk_4"]);
});

test("a record whose length is damaged does not take the next ones with it", async () => {
  const disk = new FakeDisk();
  await written(disk, 5);
  disk.damage(segmentPath(disk), HEADER_BYTES + 168 + 8, Uint8Array.of(0xff, 0xff));
  expect(await waiting(await openSpool(disk), "a")).toEqual(["dk_0", "dk_2", "dk_3", "dk_4"]);
});

test("a segment of an unknown version stays as it is and is named", async () => {
  const disk = new FakeDisk();
  await written(disk, 2);
  const header = Buffer.from(encodeHeader({ first: 77, begunMs: 0 }));
  header.writeUInt16LE(9, 8);
  const path = `${DIRECTORY}/000000000000004d.seg`;
  disk.put(path, Buffer.concat([header, Buffer.alloc(500, 7)]));
  const second = await openSpool(disk);
  expect(second.recovery.foreign).toEqual(["000000000000004d.seg"]);
  expect(await waiting(second, "a")).toEqual(ids(2));
  await second.append(records(1, 5));
  expect(disk.bytesOf(path)).toHaveLength(532);
  expect(second.segments.at(-1)?.first).toBeGreaterThan(2 ** 24);
});

test("positions of an unknown version are left alone, and nothing is given out that may be settled", async () => {
  const disk = new FakeDisk();
  const spool = await written(disk, 2);
  spool.settle("a", 1, 1);
  await spool.writePositions();
  const path = disk.paths.find((one) => one.endsWith(".pos")) ?? "";
  disk.damage(path, 8, Uint8Array.of(9));
  const second = await openSpool(disk);
  expect([...second.unreadable.values()]).toEqual(["EVERSION"]);
  expect(await waiting(second, "a")).toEqual([]);
  expect(await waiting(second, "b")).toEqual(ids(2));
  await second.writePositions();
  expect(disk.paths).toContain(path);
});

test("a file full of nonsense is not wiped", async () => {
  const disk = new FakeDisk();
  await written(disk, 1);
  const path = `${DIRECTORY}/0000000000000050.seg`;
  disk.put(path, Buffer.alloc(5000, 0x41));
  const second = await openSpool(disk);
  expect(second.recovery.foreign).toEqual(["0000000000000050.seg"]);
  expect(disk.bytesOf(path)).toHaveLength(5000);
});

test("segments are completed when long, between two bodies, and one that is settled can go", async () => {
  const disk = new FakeDisk();
  const spool = await openSpool(disk, 400);
  await spool.attach("a");
  for (let index = 0; index < 9; index += 1) {
    await spool.append(records(1, index));
  }
  await spool.sync();
  expect(spool.segments.map(({ amount }) => amount.records)).toEqual([3, 3, 3]);
  const [first] = spool.segments;
  spool.settle("a", 1, 3);
  expect(spool.isSettled(first!)).toBe(true);
  await spool.remove(first!);
  await spool.writePositions();
  expect(await waiting(await openSpool(disk), "a")).toEqual(ids(6, 3));
});

test("records of one body stay in one segment", async () => {
  const disk = new FakeDisk();
  const spool = await openSpool(disk, 100);
  await spool.attach("a");
  for (let ordinal = 0; ordinal < 4; ordinal += 1) {
    await spool.append(records(1).map((record) => ({ ...record, ordinal })));
  }
  expect(spool.segments).toHaveLength(1);
});

test("start-up reads the trailer of a complete segment in place of its records", async () => {
  const disk = new FakeDisk();
  const spool = await written(disk, 3);
  await spool.close();
  const [segment] = (await openSpool(disk)).segments;
  expect(segment).toMatchObject({
    last: 3,
    newestMs: 1002,
    amount: { records: 3, points: 6, samples: 9, rawBytes: 1500 },
  });
});

test("a full disk is a value, what fitted counts, and a new segment follows when there is room", async () => {
  const disk = new FakeDisk();
  const spool = await written(disk, 2);
  disk.capacity = disk.usedBytes + 100;
  expect(await spool.append(records(1, 2))).toMatchObject({ kind: "fault", code: "ENOSPC" });
  disk.capacity = 1e9;
  expect(await spool.append(records(1, 2))).toMatchObject({ kind: "ok" });
  await spool.sync();
  disk.losePower();
  expect(await waiting(await openSpool(disk), "a")).toEqual(ids(3));
});

test("a directory that is taken away is noticed and made again", async () => {
  const disk = new FakeDisk();
  const spool = await written(disk, 2);
  expect(await spool.dropMissing()).toEqual([]);
  disk.removeDirectory("/queue");
  expect(await spool.dropMissing()).toMatchObject([{ first: 1, last: 2 }]);
  expect(spool.segments).toEqual([]);
  expect(await spool.append(records(1, 2))).toMatchObject({ kind: "ok" });
  expect(await waiting(await openSpool(disk), "a")).toEqual(["dk_2"]);
});

test("a destination without positions gets everything that is there", async () => {
  const disk = new FakeDisk();
  const spool = await written(disk, 4);
  spool.settle("a", 1, 2);
  await spool.writePositions();
  const second = await openSpool(disk);
  expect(await waiting(second, "new")).toEqual(ids(4));
  expect(await waiting(second, "a")).toEqual(["dk_2", "dk_3"]);
});

test("numbers that positions know are not given again, though their segments are gone", async () => {
  const disk = new FakeDisk();
  const spool = await written(disk, 4);
  spool.settle("a", 1, 4);
  await spool.writePositions();
  await spool.remove(spool.segments[0]!);
  const second = await openSpool(disk);
  await second.attach("a");
  await second.append(records(1, 9));
  expect(await waiting(second, "a")).toEqual(["dk_9"]);
});

test("positions that have grown long are written anew and mean the same", async () => {
  const disk = new FakeDisk();
  const spool = await written(disk, 10);
  for (let round = 0; round < 5000; round += 1) {
    spool.settle("a", 3, 3);
    await spool.writePositions();
  }
  const positions = disk.paths.filter((path) => path.endsWith(".pos"));
  expect(positions).toHaveLength(1);
  expect(disk.bytesOf(positions[0]!).byteLength).toBeLessThan(20_000);
  expect(await waiting(await openSpool(disk), "a")).toEqual(ids(10).filter((id) => id !== "dk_2"));
});

test("the sinker's tags come back with their record; a segment of the first version has none", async () => {
  const disk = new FakeDisk();
  const spool = await openSpool(disk);
  await spool.attach("a");
  const [one, two] = records(2);
  await spool.append([{ ...one!, sinkTags: "app=é" }, two!]);
  await spool.sync();
  const read = async () => {
    const again = await openSpool(disk);
    const [stretch] = await again.attach("a");
    const reader = await again.reader(stretch!.segment);
    const first = await reader.next(stretch!.offset, stretch!.end);
    const second = await reader.next(first!.end, stretch!.end);
    await reader.close();
    return [first, second].map((found) => found?.record);
  };
  expect(await read()).toEqual([{ ...one, sinkTags: "app=é" }, two]);
  expect((await read())[1]).not.toHaveProperty("sinkTags");

  const old = new FakeDisk();
  await written(old, 2);
  const path = segmentPath(old);
  const bytes = Buffer.from(old.bytesOf(path));
  expect(bytes.readUInt16LE(8)).toBe(2);
  bytes.writeUInt16LE(1, 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 28)), 28);
  old.put(path, bytes);
  const next = await openSpool(old);
  expect(next.recovery.foreign).toEqual([]);
  expect(await waiting(next, "a")).toEqual(ids(2));
});
