import { expect, test } from "vitest";
import { verifyQueue } from "../../../src/spool/queue-verify.ts";
import { viewSpool } from "../../../src/spool/spool-view.ts";
import { HOUR } from "../../../src/units.ts";
import { FakeDisk } from "../../spool/fake-disk.ts";
import { FAILED, ScriptedSender } from "../scripted-sender.ts";
import { Life, offerNoise } from "./queue-case.ts";

const down = () => new ScriptedSender(() => FAILED);

/** Points that the last life's stop left on disk for its only destination, and those it said it left. */
async function leftBy(disk: FakeDisk, life: Life) {
  await life.stop();
  const { kept, unsent } = await life.delivery.stop(0);
  expect(await verifyQueue(disk, "/queue")).toEqual({ isCompared: true, differences: [] });
  const { waiting } = await viewSpool(disk, "/queue/metric");
  const onDisk = [...waiting.values()].reduce((all, { points }) => all + points, 0);
  return { onDisk, said: kept[0]?.tally.points ?? 0, lost: unsent[0]?.tally.points ?? 0 };
}

test("a body in hand whose segment was dropped is not said to wait on disk", async () => {
  const disk = new FakeDisk();
  const queue = { maxBytes: 256 * 1024 };
  const life = new Life(disk, [down()], undefined, queue, { memoryBytes: 1_000_000 });
  await offerNoise(life, 1_500);
  const { onDisk, said } = await leftBy(disk, life);
  expect(said).toBe(onDisk);
  expect(life.imbalance()).toEqual([0]);
});

test("a body that was read from a segment that went is not said to wait on disk", async () => {
  const disk = new FakeDisk();
  const first = new Life(disk, [down()]);
  for (let index = 0; index < 5; index += 1) {
    first.offer(`a v=${index} 1`);
    first.delivery.flush();
  }
  await first.stop();
  const queue = { maxBytes: 256 * 1024 };
  const life = new Life(disk, [down()], first.clock, queue, { memoryBytes: 3_000 });
  await life.pass(1_000);
  await offerNoise(life, 1_500);
  const { onDisk, said } = await leftBy(disk, life);
  expect(said).toBe(onDisk);
  expect(life.imbalance()).toEqual([0]);
});

test("a body in hand whose segment expired is counted as lost", async () => {
  const disk = new FakeDisk();
  const first = new Life(disk, [down()]);
  first.offer("a v=1 1");
  await first.stop();
  const life = new Life(disk, [down()], first.clock);
  await life.pass(13 * HOUR);
  life.offer("b v=1 1");
  expect(await leftBy(disk, life)).toEqual({ onDisk: 1, said: 1, lost: 1 });
  expect(life.imbalance()).toEqual([0]);
});
