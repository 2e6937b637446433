import { expect, test } from "vitest";
import { LedgerHistory } from "../../../src/delivery/ledger/ledger-history.ts";
import type { Verdict } from "../../../src/delivery/send/verdict.ts";
import { FakeDisk } from "../../spool/fake-disk.ts";
import { Life } from "../queue/queue-case.ts";
import { ACCEPTED, FAILED, ScriptedSender } from "../scripted-sender.ts";

const up = () => new ScriptedSender(() => ACCEPTED);
const down = () => new ScriptedSender(() => FAILED);

/** Offers so many points, a body each. */
async function offer(life: Life, points: number): Promise<void> {
  for (let index = 0; index < points; index += 1) {
    life.offer(`a v=${index} 1`);
    life.delivery.flush();
    await life.pass(10);
  }
}

/** Points of earlier lives that have a count, by fate. */
function past(life: Life) {
  const fates = ["enqueued", "found", "sent", "lost", "unknown"] as const;
  return Object.fromEntries(
    fates.map((fate) => [fate, life.past(fate)]).filter(([, n]) => n !== 0),
  );
}

function before(life: Life) {
  const { lives, cut, uncountedMs, isKept } = life.delivery.past() ?? {};
  return { lives, cut, uncountedMs, isKept };
}

test("a first life knows of none before", async () => {
  const life = new Life(new FakeDisk(), [up()]);
  await life.pass(1_000);
  expect(before(life)).toEqual({ lives: 0, cut: 0, uncountedMs: 0, isKept: true });
  expect(past(life)).toEqual({});
});

test("after stops the counts of all lives are known, and add up", async () => {
  const disk = new FakeDisk();
  const first = new Life(disk, [up()]);
  await first.pass(100);
  await offer(first, 3);
  await first.pass(1_000);
  await first.stop();
  const second = new Life(disk, [down()], first.clock);
  await second.pass(100);
  expect(past(second)).toEqual({ enqueued: 3, sent: 3 });
  await offer(second, 4);
  await second.stop();
  const third = new Life(disk, [up()], first.clock);
  await third.pass(10_000);
  expect(past(third)).toEqual({ enqueued: 7, sent: 3 });
  expect(third.metricLedger).toMatchObject({ recovered: { points: 4 }, sent: { points: 4 } });
  expect(before(third)).toEqual({ lives: 2, cut: 0, uncountedMs: 0, isKept: true });
});

test("lines are kept as they were counted last, though nothing was offered", async () => {
  const disk = new FakeDisk().session();
  await disk.makeDirectory("/queue");
  let read = 3;
  const life = () =>
    new LedgerHistory({
      disk,
      directory: "/queue",
      now: () => 1_000,
      counted: () => ({ lines: [{ fate: "read", reason: "", lines: read }], destinations: [] }),
    });
  const first = life();
  await first.open(false);
  for (read of [3, 3, 5]) {
    await first.save(false, true);
  }
  const second = life();
  await second.open(true);
  expect(second.status()?.counts).toMatchObject([{ measure: "lines", fate: "read", count: 5 }]);
});

test("what the stop itself loses is counted", async () => {
  const disk = new FakeDisk();
  const overflow = { metric: "drop_newest", logging: "drop_newest" } as const;
  const first = new Life(disk, [down()], undefined, { maxBytes: 10, overflow });
  await first.pass(100);
  await offer(first, 2);
  await first.stop();
  const second = new Life(disk, [up()], first.clock);
  await second.pass(1_000);
  expect(past(second)).toEqual({ enqueued: 2, lost: 2 });
  expect(before(second)).toMatchObject({ cut: 0 });
});

test("what became after a kill of what waited when counts were last saved is unknown, or found", async () => {
  const disk = new FakeDisk();
  let verdict: Verdict = FAILED;
  const first = new Life(disk, [new ScriptedSender(() => verdict)]);
  await first.pass(100);
  await offer(first, 5);
  await first.pass(2_000);
  verdict = ACCEPTED;
  // The circuit lets one request through after a while; the process is killed before that count is on disk.
  while (first.metricLedger.sent.points === 0) {
    await first.clock.advance(10);
  }
  const { sent } = first.metricLedger;
  disk.kill();
  await first.clock.advance(60_000);
  const second = new Life(disk, [down()], first.clock);
  await second.pass(10);
  expect(past(second)).toEqual({ enqueued: 5, unknown: sent.points });
  expect(second.metricLedger.recovered.points).toBe(5 - sent.points);
  expect(before(second)).toMatchObject({ lives: 1, cut: 1 });
  expect(before(second).uncountedMs).toBeGreaterThanOrEqual(60_000);
});

test("a life that ended before it saved anything was cut off too", async () => {
  const disk = new FakeDisk();
  const first = new Life(disk, [up()]);
  await first.pass(100);
  await offer(first, 1);
  await first.stop();
  disk.fault = "ENOSPC";
  const second = new Life(disk, [up()], first.clock);
  await second.pass(5_000);
  disk.kill();
  disk.fault = undefined;
  const third = new Life(disk, [up()], first.clock);
  await third.pass(100);
  expect(past(third)).toEqual({ enqueued: 1, sent: 1 });
  expect(before(third)).toMatchObject({ lives: 1, cut: 1 });
  expect(before(third).uncountedMs).toBeGreaterThanOrEqual(5_000);
});

test("what was on disk before anything was counted is found", async () => {
  const disk = new FakeDisk();
  const first = new Life(disk, [down()]);
  await offer(first, 3);
  await first.stop();
  for (const path of disk.paths.filter((one) => one.endsWith(".led"))) {
    await disk.remove(path);
  }
  const second = new Life(disk, [down()], first.clock);
  await second.pass(100);
  expect(past(second)).toEqual({ found: 3 });
  expect(before(second)).toMatchObject({ lives: 0, cut: 0 });
});

test("a destination that is away keeps what is counted for it", async () => {
  const disk = new FakeDisk();
  const first = new Life(disk, [up(), down()]);
  await first.pass(100);
  await offer(first, 3);
  await first.stop();
  const second = new Life(disk, [up()], first.clock);
  await second.pass(1_000);
  const { counts = [] } = second.delivery.past() ?? {};
  const of = (destination: string) =>
    counts
      .filter((count) => count.measure === "points" && count.destination === destination)
      .map(({ fate, count }) => `${fate} ${count}`);
  // The one that is here is called as in the settings, the other as on disk.
  expect(of("a")).toEqual(["enqueued 3", "sent 3"]);
  expect(of("file b")).toEqual(["enqueued 3", "queued 3"]);
});

test("beside a ledger of another version none is kept, and the queue works", async () => {
  const disk = new FakeDisk();
  const first = new Life(disk, [down()]);
  await first.pass(100);
  await offer(first, 1);
  await first.stop();
  const ledger = disk.paths.find((path) => path.endsWith(".led")) ?? "";
  disk.damage(ledger, 8, Buffer.from([2]));
  const bytes = Buffer.from(disk.bytesOf(ledger));
  const second = new Life(disk, [up()], first.clock);
  await second.pass(1_000);
  expect(second.metricLedger.sent.points).toBe(1);
  expect(before(second)).toMatchObject({ isKept: false });
  expect(second.observer.queueNotices).toContainEqual({
    event: "ledger_foreign",
    foreign: [ledger.slice("/queue/".length)],
  });
  await second.stop();
  expect(disk.paths.filter((path) => path.endsWith(".led"))).toEqual([ledger]);
  expect(disk.bytesOf(ledger)).toEqual(bytes);
});

test("a disk that is full keeps no counts, says so, and keeps them again when it can", async () => {
  const disk = new FakeDisk();
  const life = new Life(disk, [up()]);
  await life.pass(1_000);
  disk.fault = "ENOSPC";
  await offer(life, 1);
  await life.pass(3_000);
  expect(before(life)).toMatchObject({ isKept: false });
  disk.fault = undefined;
  await life.pass(40_000);
  expect(before(life)).toMatchObject({ isKept: true });
  disk.kill();
  const second = new Life(disk, [up()], life.clock);
  await second.pass(100);
  expect(past(second)).toEqual({ enqueued: 1, sent: 1 });
});
