import { expect, test } from "vitest";
import { FakeDisk } from "../../spool/fake-disk.ts";
import { ACCEPTED, FAILED, ScriptedSender } from "../scripted-sender.ts";
import { Life, linesAccepted, offerNoise } from "./queue-case.ts";

const down = () => new ScriptedSender(() => FAILED);

/** A life whose only destination is down and that has 20 lines on disk, of which memory holds few. */
async function withBacklog(disk: FakeDisk, memoryBytes = 5_000): Promise<Life> {
  const life = new Life(disk, [down()], undefined, {}, { memoryBytes });
  await life.pass(100);
  await offer(life, 20);
  return life;
}

async function offer(life: Life, count: number, from = 0): Promise<void> {
  for (let index = from; index < from + count; index += 1) {
    life.offer(`a v=${index} 1`);
    life.delivery.flush();
    await life.pass(600);
  }
}

/** Lines that the next life sends after the machine went down. */
async function found(disk: FakeDisk, life: Life): Promise<string[]> {
  disk.losePower();
  const sender = new ScriptedSender(() => ACCEPTED);
  await new Life(disk, [sender], life.clock).pass(60_000);
  return linesAccepted(sender);
}

test("a disk that somebody else fills for a while costs nothing, and all is written after", async () => {
  const disk = new FakeDisk();
  disk.capacity = 1_000_000;
  const life = await withBacklog(disk, 100_000);
  disk.foreignBytes = 870_000;
  await offer(life, 20, 20);
  expect(life.delivery.status().queue).toMatchObject({ trouble: "low_space" });
  expect(life.delivery.status().queue?.bodiesOnlyInMemory).toBeGreaterThan(15);
  disk.foreignBytes = 0;
  await life.pass(2_000);
  expect(life.delivery.status().queue).toMatchObject({ bodiesOnlyInMemory: 0 });
  expect(life.delivery.status().queue?.trouble).toBeUndefined();
  expect(life.observer.losses).toEqual([]);
  expect(await found(disk, life)).toHaveLength(40);
});

test("with memory short of room, the oldest on disk goes for what comes, and no more than that", async () => {
  const disk = new FakeDisk();
  disk.capacity = 10_000_000;
  const queue = { maxBytes: 1 << 20 };
  const life = new Life(disk, [down()], undefined, queue, { memoryBytes: 30_000 });
  await offerNoise(life, 1_500);
  const before = disk.usedBytes;
  disk.foreignBytes = 8_700_000;
  await offerNoise(life, 1_500, 1_500);
  expect(disk.usedBytes - disk.foreignBytes).toBeLessThan(before + 20_000);
  expect(life.imbalance()).toEqual([0]);
  const { queued } = life.metricLedger;
  expect(queued.points).toBeGreaterThan(1_000);
  await life.stop();
  const lines = await found(disk, life);
  expect(lines).toHaveLength(queued.points);
  expect(lines.some((line) => line.includes("v=2999 "))).toBe(true);
});

test("a disk that is nearly full gets one segment each 10 s", async () => {
  const disk = new FakeDisk();
  disk.capacity = 1_000_000;
  const life = await withBacklog(disk, 100_000);
  disk.foreignBytes = 990_000;
  await offer(life, 10, 20);
  expect(life.observer.losses.length).toBeLessThanOrEqual(1);
  expect(life.imbalance()).toEqual([0]);
});

test("a disk that does not say what is free is written to", async () => {
  const disk = new FakeDisk();
  disk.faults.set("space", "EIO");
  const life = await withBacklog(disk);
  expect(life.delivery.status().queue?.trouble).toBeUndefined();
  expect(life.observer.losses).toEqual([]);
  expect(await found(disk, life)).toHaveLength(20);
});

test("a segment that cannot be removed does not cost the others", async () => {
  const disk = new FakeDisk();
  const queue = { maxBytes: 128 * 1024 };
  const life = new Life(disk, [down()], undefined, queue, { memoryBytes: 1_000_000 });
  await life.pass(100);
  disk.faults.set("remove", "EACCES");
  await offerNoise(life, 1_500);
  expect(life.delivery.status().queue?.trouble).toBe("EACCES");
  expect(life.metricLedger.queued.points).toBeGreaterThan(1_000);
  expect(life.imbalance()).toEqual([0]);
});
