import { expect, test } from "vitest";
import type { Verdict } from "../../../src/delivery/send/verdict.ts";
import { HOUR, MINUTE } from "../../../src/units.ts";
import { FakeDisk } from "../../spool/fake-disk.ts";
import { linesOf, payloadOf } from "../line-payload.ts";
import { ManualClock } from "../manual-clock.ts";
import { ACCEPTED, FAILED, ScriptedSender } from "../scripted-sender.ts";
import { Life, linesAccepted } from "./queue-case.ts";

const up = () => new ScriptedSender(() => ACCEPTED);
const down = () => new ScriptedSender(() => FAILED);

/** The ledger's file is followed by a larger one as there is more to count. */
const withoutGeneration = (path: string) => path.replace(/ledger-.*/, "ledger");

test("of what is delivered within the bound only the counts touch the disk", async () => {
  const disk = new FakeDisk();
  const sender = up();
  const life = new Life(disk, [sender]);
  await life.pass(100);
  const paths = disk.paths;
  life.offer("a v=1 1");
  life.delivery.flush();
  await life.pass(5_000);
  expect(linesAccepted(sender)).toEqual(["a v=1 1"]);
  expect(disk.paths.map(withoutGeneration)).toEqual(paths.map(withoutGeneration));
  await life.stop();
});

test("what waits for its batch longer than the bound survives a loss of power", async () => {
  const disk = new FakeDisk();
  const life = new Life(disk, [up()]);
  await life.pass(3_100);
  life.offer("a v=1 1");
  await life.pass(1_000);
  disk.losePower();
  const sender = up();
  const second = new Life(disk, [sender], life.clock);
  await second.pass(1_000);
  expect(linesAccepted(sender)).toEqual(["a v=1 1"]);
  expect(second.imbalance()).toEqual([0]);
  expect(second.delivery.status().destinations[0]?.ledger.metric.recovered.points).toBe(1);
});

test("a body has the same id in the next life, and what was answered is not sent again", async () => {
  const disk = new FakeDisk();
  let verdict: Verdict = ACCEPTED;
  const first = new ScriptedSender(() => verdict);
  const life = new Life(disk, [first]);
  await life.pass(3_100);
  life.offer("a v=1 1");
  await life.pass(1_200);
  life.delivery.flush();
  await life.pass(10);
  verdict = FAILED;
  life.offer("b v=1 1");
  life.delivery.flush();
  await life.pass(2_000);
  disk.kill();
  const second = up();
  await new Life(disk, [second], life.clock).pass(2_000);
  expect(linesAccepted(second)).toEqual(["b v=1 1"]);
  expect(second.accepted[0]?.id).toBe(first.seen.at(-1)?.id);
});

test("a stop puts the rest on disk and loses nothing", async () => {
  const disk = new FakeDisk();
  const life = new Life(disk, [down()]);
  await life.pass(100);
  for (let index = 0; index < 50; index += 1) {
    life.offer(`a v=${index} 1`);
  }
  await life.stop();
  expect(life.observer.losses).toEqual([]);
  expect(await life.delivery.stop(0)).toMatchObject({
    unsent: [],
    kept: [{ tally: { points: 50 } }],
  });
  disk.losePower();
  const sender = up();
  const second = new Life(disk, [sender], life.clock);
  await second.pass(5_000);
  expect(linesAccepted(sender)).toHaveLength(50);
  await second.stop();
  expect(disk.paths.filter((path) => path.endsWith(".seg"))).toEqual([]);
});

test("each destination has its own position", async () => {
  const disk = new FakeDisk();
  const [a, b] = [up(), down()];
  const life = new Life(disk, [a, b]);
  for (let index = 0; index < 5; index += 1) {
    life.offer(`a v=${index} 1`);
    await life.pass(1_500);
  }
  await life.stop();
  expect(linesAccepted(a)).toHaveLength(5);
  const [again, other] = [up(), up()];
  const second = new Life(disk, [again, other], life.clock);
  await second.pass(5_000);
  expect(linesAccepted(again)).toEqual([]);
  expect(linesAccepted(other)).toHaveLength(5);
  expect(second.imbalance()).toEqual([0, 0]);
});

test("what memory has no room for is read back from disk, fresh first", async () => {
  const disk = new FakeDisk();
  let verdict: Verdict = FAILED;
  const sender = new ScriptedSender(() => verdict);
  const life = new Life(disk, [sender], undefined, {}, { memoryBytes: 3_000 });
  for (let index = 0; index < 30; index += 1) {
    life.offer(`a v=${index} 1`);
    life.delivery.flush();
    await life.pass(2_000);
  }
  expect(life.delivery.status().memoryBytes).toBeLessThanOrEqual(3_000);
  expect(life.observer.losses).toEqual([]);
  verdict = ACCEPTED;
  await life.pass(2 * MINUTE);
  const values = linesAccepted(sender).map((line) => Number(line.slice(4, -2)));
  expect([...values].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i));
  // The first four were in hand all the time; beside them come the newest that memory held.
  const place = (value: number) => values.indexOf(value);
  expect(Math.max(...[0, 1, 2, 3].map(place))).toBeLessThan(8);
  expect(values.slice(0, 8).filter((value) => value > 15).length).toBeGreaterThan(2);
  expect(life.imbalance()).toEqual([0]);
  await life.stop();
});

test("without fresh first, everything comes in order but for what was tried in the outage", async () => {
  const disk = new FakeDisk();
  let verdict: Verdict = FAILED;
  const sender = new ScriptedSender(() => verdict);
  const life = new Life(disk, [sender], undefined, { freshFirst: false }, { memoryBytes: 3_000 });
  for (let index = 0; index < 30; index += 1) {
    life.offer(`a v=${index} 1`);
    life.delivery.flush();
    await life.pass(2_000);
  }
  verdict = ACCEPTED;
  await life.pass(2 * MINUTE);
  const values = linesAccepted(sender).map((line) => Number(line.slice(4, -2)));
  expect(values.slice(0, 4).sort()).toEqual([0, 1, 2, 3]);
  expect(values.slice(4)).toEqual(Array.from({ length: 26 }, (_, i) => i + 4));
  await life.stop();
});

test.each(["ENOSPC", "EIO", "EROFS"])("%s: on in memory, said, back to disk", async (code) => {
  const disk = new FakeDisk();
  const life = new Life(disk, [down()]);
  await life.pass(1_000);
  disk.fault = code;
  life.offer("a v=1 1");
  await life.pass(3_000);
  expect(life.delivery.status().queue?.trouble).toBe(code);
  expect(life.observer.queueNotices.at(-1)).toEqual({ event: "memory_only", code, path: "/queue" });
  disk.fault = undefined;
  await life.pass(40_000);
  expect(life.observer.queueNotices.at(-1)).toEqual({ event: "disk_again" });
  disk.losePower();
  const sender = up();
  await new Life(disk, [sender], life.clock).pass(1_000);
  expect(linesAccepted(sender)).toEqual(["a v=1 1"]);
});

test("a directory taken away: what memory holds is written again", async () => {
  const disk = new FakeDisk();
  const life = new Life(disk, [down()]);
  life.offer("a v=1 1");
  await life.pass(3_000);
  disk.removeDirectory("/queue");
  await life.pass(3_000);
  disk.losePower();
  const sender = up();
  await new Life(disk, [sender], life.clock).pass(1_000);
  expect(linesAccepted(sender)).toEqual(["a v=1 1"]);
});

test("a directory that somebody else has after it was taken away is not written to", async () => {
  const disk = new FakeDisk();
  const first = new Life(disk, [down()]);
  first.offer("a v=1 1");
  await first.pass(3_000);
  disk.removeDirectory("/queue");
  await disk.makeDirectory("/queue");
  const other = await disk.lock("/queue");
  const paths = disk.paths;
  first.offer("b v=1 1");
  await first.pass(3_000);
  expect(first.delivery.status().queue?.trouble).toBe("locked");
  expect(disk.paths).toEqual(paths);
  await other?.release();
  await first.pass(40_000);
  expect(first.delivery.status().queue).toMatchObject({ bodiesOnlyInMemory: 0 });
  expect(await disk.lock("/queue")).toBeUndefined();
  await first.stop();
  const sender = up();
  await new Life(disk, [sender], first.clock).pass(60_000);
  expect(linesAccepted(sender).toSorted()).toEqual(["a v=1 1", "b v=1 1"]);
});

test("files taken away from under a backlog are counted as lost", async () => {
  const disk = new FakeDisk();
  const life = new Life(disk, [down()]);
  life.offer("a v=1 1");
  await life.stop();
  const second = new Life(disk, [down()], life.clock);
  await second.pass(1_000);
  // One body is read ahead and in hand; the next start finds the rest.
  await second.stop();
  const third = new Life(disk, [down()], life.clock, { drainBytesPerSecond: 1 });
  await third.pass(1);
  disk.removeDirectory("/queue");
  third.offer("b v=1 1");
  await third.pass(3_000);
  expect(third.imbalance()).toEqual([0]);
});

test("full: the oldest goes, counted, and the rest arrives", async () => {
  const disk = new FakeDisk();
  const life = new Life(
    disk,
    [down()],
    undefined,
    { maxBytes: 256 * 1024 },
    { memoryBytes: 3_000 },
  );
  for (let index = 0; index < 1500; index += 1) {
    life.offer(`a,noise=${"x".repeat(50)}${Math.sin(index)}${Math.cos(index)} v=${index} 1`);
    life.delivery.flush();
    if (index % 4 === 0) {
      await life.pass(600);
    }
  }
  expect(disk.usedBytes).toBeLessThan(300 * 1024);
  expect(new Set(life.observer.losses)).toEqual(new Set(["a metric queue_full"]));
  expect(life.imbalance()).toEqual([0]);
  const { queued } = life.delivery.status().destinations[0]!.ledger.metric;
  await life.stop();
  const sender = up();
  const second = new Life(disk, [sender], life.clock);
  await second.pass(MINUTE);
  expect(linesAccepted(sender)).toHaveLength(queued.points);
  expect(linesAccepted(sender).some((line) => line.includes("v=1499 "))).toBe(true);
});

test("full with drop_newest: what is there stays", async () => {
  const disk = new FakeDisk();
  const overflow = { metric: "drop_newest", logging: "drop_newest" } as const;
  const life = new Life(
    disk,
    [down()],
    undefined,
    { maxBytes: 20_000, overflow },
    { memoryBytes: 5_000, overflow: "drop_newest" },
  );
  for (let index = 0; index < 300; index += 1) {
    life.offer(`a v=${index} 1`);
    life.delivery.flush();
    await life.pass(600);
  }
  expect(life.delivery.status().queue?.trouble).toBe("full");
  expect(life.imbalance()).toEqual([0]);
  await life.stop();
  const sender = up();
  await new Life(disk, [sender], life.clock).pass(MINUTE);
  expect(linesAccepted(sender)[0]).toBe("a v=0 1");
  expect(linesAccepted(sender).length).toBeLessThan(250);
});

test("what is older than the bound is lost as expired, on disk and in memory", async () => {
  const disk = new FakeDisk();
  const life = new Life(disk, [down()]);
  life.offer("a v=1 1");
  await life.stop();
  const clock = new ManualClock();
  await clock.advance(13 * HOUR);
  const sender = up();
  const second = new Life(disk, [sender], clock);
  second.offer("b v=1 1");
  second.delivery.flush();
  await second.pass(1_000);
  expect(linesAccepted(sender)).toEqual(["b v=1 1"]);
  expect(second.observer.losses).toEqual(["a metric expired"]);
  expect(second.imbalance()).toEqual([0]);
});

test("the disk keeps the room that is to stay free", async () => {
  const disk = new FakeDisk();
  disk.capacity = 100_000;
  const life = new Life(disk, [down()], undefined, { minFreeRatio: 0.9 });
  for (let index = 0; index < 400; index += 1) {
    life.offer(`a v=${index} 1`);
    life.delivery.flush();
    await life.pass(600);
  }
  expect(disk.usedBytes).toBeLessThan(11_000);
  await life.stop();
});

test("two agents on one directory: the second goes on in memory until the first ends", async () => {
  const disk = new FakeDisk();
  const clock = new ManualClock();
  const first = new Life(disk, [down()], clock);
  await first.pass(100);
  const second = new Life(disk, [down()], clock);
  second.offer("b v=1 1");
  await second.pass(2_000);
  expect(second.delivery.status().queue?.trouble).toBe("locked");
  await first.stop();
  await second.pass(40_000);
  expect(second.delivery.status().queue?.trouble).toBeUndefined();
  await second.stop();
});

test("the backlog is drained at the rate that is set", async () => {
  const disk = new FakeDisk();
  const life = new Life(disk, [down()]);
  for (let index = 0; index < 20; index += 1) {
    life.offer(`a v=${index} 1`);
    life.delivery.flush();
  }
  await life.stop();
  const sender = up();
  const second = new Life(disk, [sender], life.clock, { drainBytesPerSecond: 100 });
  await second.pass(2_000);
  const early = linesAccepted(sender).length;
  expect(early).toBeGreaterThan(1);
  expect(early).toBeLessThan(10);
  second.offer("fresh v=1 1");
  second.delivery.flush();
  await second.pass(10);
  expect(linesAccepted(sender).slice(-2)).toContain("fresh v=1 1");
  await second.pass(MINUTE);
  expect(linesAccepted(sender)).toHaveLength(21);
});

test("a life after one that was not stopped says so, the next after a stop does not", async () => {
  const disk = new FakeDisk();
  const afterCrash = (life: Life) => life.delivery.status().queue?.afterCrash;
  const first = new Life(disk, [up()]);
  await first.pass(100);
  disk.kill();
  const second = new Life(disk, [up()], first.clock);
  await second.pass(100);
  await second.stop();
  const third = new Life(disk, [up()], first.clock);
  await third.pass(100);
  expect([first, second, third].map(afterCrash)).toEqual([false, true, false]);
});

test("a body of the next life still says what its points agree in", async () => {
  const disk = new FakeDisk();
  const life = new Life(disk, [down()]);
  await life.pass(3_100);
  life.delivery.offer({ ...payloadOf(["open v=1 1"]), sinkTags: "app=a" });
  life.offer("other v=1 1");
  await life.pass(1_200);
  life.delivery.flush();
  life.delivery.offer({ ...payloadOf(["whole v=1 1"]), sinkTags: "app=b" });
  life.delivery.flush();
  await life.pass(2_000);
  disk.kill();
  const sender = up();
  await new Life(disk, [sender], life.clock).pass(2_000);
  const came = sender.accepted.map(({ gzip, sinkTags }) => [...linesOf(gzip), sinkTags]);
  expect(came.toSorted()).toEqual([
    ["open v=1 1", "app=a"],
    ["other v=1 1", undefined],
    ["whole v=1 1", "app=b"],
  ]);
});
