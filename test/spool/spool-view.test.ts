import { expect, test } from "vitest";
import { recordsOf, viewSpool } from "../../src/spool/spool-view.ts";
import { FakeDisk } from "./fake-disk.ts";
import { DIRECTORY, ids, openSpool, records } from "./spool-case.ts";

test("shows segments, and what waits for whom, beside the writer and after it", async () => {
  const disk = new FakeDisk();
  const spool = await openSpool(disk, 1_000);
  await spool.attach("here");
  await spool.attach("there");
  await spool.append(records(10));
  await spool.sync();
  spool.settle("here", 1, 7);
  await spool.sync();
  const view = await viewSpool(disk, DIRECTORY);
  expect(view.segments.map(({ amount, complete }) => [amount.records, complete])).toEqual([
    [6, true],
    [4, false],
  ]);
  expect(view.waiting.get("here")).toEqual({ records: 3, points: 6, samples: 9, rawBytes: 1500 });
  expect(view.waiting.get("there")?.records).toBe(10);
  await spool.close();
  disk.losePower();
  expect((await viewSpool(disk, DIRECTORY)).waiting.get("here")?.records).toBe(3);
});

test("changes nothing, not even a torn end", async () => {
  const disk = new FakeDisk();
  const spool = await openSpool(disk);
  await spool.attach("here");
  await spool.append(records(3));
  await spool.sync();
  const [segment = ""] = disk.paths.filter((path) => path.endsWith(".seg"));
  disk.put(segment, disk.bytesOf(segment).subarray(0, -10));
  const before = [disk.writes, ...disk.paths];
  const view = await viewSpool(disk, DIRECTORY);
  expect(view.segments).toMatchObject([{ amount: { records: 2 }, last: 2, complete: false }]);
  expect([disk.writes, ...disk.paths]).toEqual(before);
});

test("names what is of another version or nonsense", async () => {
  const disk = new FakeDisk();
  const spool = await openSpool(disk);
  await spool.append(records(1));
  disk.put(`${DIRECTORY}/0123456789abcdef-00000001.pos`, Buffer.from("nonsense"));
  const { foreign } = await viewSpool(disk, DIRECTORY);
  expect(foreign).toEqual(["0123456789abcdef-00000001.pos"]);
});

test("gives the records of a segment in order, without the damaged", async () => {
  const disk = new FakeDisk();
  const spool = await openSpool(disk);
  await spool.append(records(5));
  const [segment] = spool.segments;
  const { name = "" } = segment ?? {};
  disk.damage(`${DIRECTORY}/${name}`, 32 + 168 + 100, Buffer.from([1, 2, 3]));
  const found: string[] = [];
  for await (const { record } of recordsOf(disk, DIRECTORY, name)) {
    found.push(record.id);
  }
  expect(found).toEqual(ids(5).filter((id) => id !== "dk_1"));
});
