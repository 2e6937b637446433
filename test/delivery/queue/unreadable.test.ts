import { expect, test } from "vitest";
import { FakeDisk } from "../../spool/fake-disk.ts";
import { ACCEPTED, FAILED, ScriptedSender } from "../scripted-sender.ts";
import { Life, linesAccepted, offerNoise } from "./queue-case.ts";

const up = () => new ScriptedSender(() => ACCEPTED);
const down = () => new ScriptedSender(() => FAILED);
const CODES = ["EACCES", "EIO", "EMFILE", "EISDIR", "ELOOP"];
const LINES = 1_000;

/** A disk on which a stopped life left `LINES` lines in several segments, and the time it is. */
async function left() {
  const disk = new FakeDisk();
  const life = new Life(disk, [down()], undefined, { maxBytes: 1 << 20 });
  await offerNoise(life, LINES);
  await life.stop();
  const segments = disk.paths.filter((path) => path.endsWith(".seg"));
  expect(segments.length).toBeGreaterThan(1);
  const positions = disk.paths.filter((path) => path.endsWith(".pos"));
  return { disk, clock: life.clock, segments, positions };
}

test.each(CODES)(
  "%s: a segment that cannot be opened is left alone and named, the rest works",
  async (code) => {
    const { disk, clock, segments } = await left();
    const path = segments[0]!;
    disk.faults.set(`open ${path}`, code);
    const sender = up();
    const life = new Life(disk, [sender], clock);
    await life.pass(60_000);
    const some = linesAccepted(sender).length;
    expect(some).toBeGreaterThan(0);
    expect(some).toBeLessThan(LINES);
    expect(life.delivery.status().queue?.trouble).toBeUndefined();
    expect(life.delivery.status().queue?.unreadable).toEqual([{ path, code }]);
    const said = life.observer.queueNotices.filter(({ event }) => event === "unreadable");
    expect(said).toEqual([{ event: "unreadable", path, code }]);
    expect(disk.paths).toContain(path);
    disk.faults.clear();
    await life.pass(120_000);
    expect(new Set(linesAccepted(sender)).size).toBe(LINES);
    expect(linesAccepted(sender)).toHaveLength(LINES);
    expect(life.imbalance()).toEqual([0]);
    expect(life.delivery.status().queue?.unreadable).toEqual([]);
    await life.stop();
    expect(disk.paths.filter((one) => one.endsWith(".seg"))).toEqual([]);
  },
);

test("a destination whose positions cannot be opened waits for them, and gets nothing twice", async () => {
  const { disk, clock, positions } = await left();
  const first = up();
  const second = new Life(disk, [first], clock, { drainBytesPerSecond: 10_000 });
  await second.pass(3_000);
  await second.stop();
  const path = disk.paths.find((one) => /metric.*\.pos$/.test(one))!;
  expect(positions).not.toContain(path);
  disk.faults.set(`open ${path}`, "EACCES");
  const sender = up();
  const life = new Life(disk, [sender], clock);
  life.offer("fresh v=1 1");
  life.delivery.flush();
  await life.pass(20_000);
  expect(linesAccepted(sender)).toEqual(["fresh v=1 1"]);
  expect(disk.paths).toContain(path);
  disk.faults.clear();
  await life.pass(120_000);
  const all = [...linesAccepted(first), ...linesAccepted(sender)];
  expect(all).toHaveLength(LINES + 1);
  expect(new Set(all).size).toBe(LINES + 1);
  expect(life.imbalance()).toEqual([0]);
});

test("a segment that cannot be read any more holds up no other, and is read when it can be", async () => {
  const { disk, clock, segments } = await left();
  // The first is read ahead.
  const path = segments[1]!;
  const sender = up();
  const life = new Life(disk, [sender], clock, { drainBytesPerSecond: 5_000 });
  await life.pass(100);
  disk.faults.set(`read ${path}`, "EIO");
  disk.faults.set(`open ${path}`, "EIO");
  await life.pass(40_000);
  expect(life.delivery.status().queue?.unreadable).toEqual([{ path, code: "EIO" }]);
  expect(linesAccepted(sender).some((line) => line.includes(`v=${LINES - 1} `))).toBe(true);
  disk.faults.clear();
  await life.pass(120_000);
  expect(linesAccepted(sender)).toHaveLength(LINES);
  expect(life.imbalance()).toEqual([0]);
});

const CALLS = [
  "makeDirectory",
  "list",
  "create",
  "remove",
  "syncDirectory",
  "space",
  "write",
  "sync",
  "truncate",
  "size",
  "read",
  "open",
];
const ALL = [...CODES, "ENOSPC", "EROFS"];

test.each(CALLS.flatMap((call) => ALL.map((code) => [call, code] as const)))(
  "%s fails with %s: nothing is lost, and all is well after",
  async (call, code) => {
    const disk = new FakeDisk();
    const life = new Life(disk, [down()]);
    await life.pass(1_000);
    life.offer("a v=1 1");
    await life.pass(2_000);
    disk.faults.set(call, code);
    life.offer("b v=1 1");
    await life.pass(10_000);
    life.offer("c v=1 1");
    disk.faults.clear();
    await life.pass(60_000);
    expect(life.observer.losses).toEqual([]);
    expect(life.delivery.status().queue).toMatchObject({ bodiesOnlyInMemory: 0 });
    expect(life.delivery.status().queue?.trouble).toBeUndefined();
    disk.losePower();
    const sender = up();
    await new Life(disk, [sender], life.clock).pass(60_000);
    expect(linesAccepted(sender).toSorted()).toEqual(["a v=1 1", "b v=1 1", "c v=1 1"]);
  },
);
