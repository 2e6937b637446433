import { expect, test } from "vitest";
import type { Body } from "../../src/delivery/body/body.ts";
import type { Verdict } from "../../src/delivery/send/verdict.ts";
import { MINUTE, SECOND } from "../../src/units.ts";
import { FakeDisk } from "../spool/fake-disk.ts";
import { linesOf, numbered } from "./line-payload.ts";
import { turns, until } from "./manual-clock.ts";
import { Life, linesAccepted } from "./queue/queue-case.ts";
import { ACCEPTED, FAILED, ScriptedSender } from "./scripted-sender.ts";

const POISON = "poison_total v=1 1";
const REFUSED: Verdict = { kind: "dropped", reason: "http_400", ofLines: true };

/** Answers so where a line holds the word, and takes the rest. */
function badWith(word: string, verdict: Verdict) {
  return new ScriptedSender(({ gzip }: Body) =>
    linesOf(gzip).some((line) => line.includes(word)) ? verdict : ACCEPTED,
  );
}

function life(disk: FakeDisk, sender: ScriptedSender, clock?: Life["clock"]): Life {
  return new Life(disk, [sender], clock, {}, { maxRawBodyBytes: 100_000 });
}

/** By seconds: bodies are opened and packed by other threads, in real time, of which `realMs` are given to each. */
async function pass(one: Life, ms: number, realMs = 0): Promise<void> {
  for (let rest = ms; rest > 0; rest -= SECOND) {
    await one.pass(Math.min(rest, SECOND));
    if (realMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, realMs));
    }
  }
}

function lostOf(one: Life): Record<string, number> {
  const { lost } = one.metricLedger;
  return Object.fromEntries(Object.entries(lost).map(([reason, { points }]) => [reason, points]));
}

/** A body with something bad in the middle. */
function offerBad(one: Life, lines: number, bad: string[] = [POISON]): void {
  one.offer(...numbered(lines, 40), ...bad, ...numbered(lines, 40, lines));
  one.delivery.flush();
}

test("D1: others are delivered within seconds, and one line alone is lost as poison", async () => {
  const sender = badWith("poison", FAILED);
  const one = life(new FakeDisk(), sender);
  offerBad(one, 50);
  for (let body = 0; body < 10; body += 1) {
    await pass(one, SECOND);
    one.offer(`good v=${body} 1`);
    one.delivery.flush();
  }
  await pass(one, 5 * SECOND);
  expect(linesAccepted(sender).filter((line) => line.startsWith("good"))).toHaveLength(10);
  expect(one.delivery.status().destinations[0]).toMatchObject({
    state: "ok",
    aside: { metric: { bodies: 1 } },
  });
  for (let body = 0; body < 60; body += 1) {
    one.offer(`late v=${body} 1`);
    one.delivery.flush();
    await pass(one, 10 * SECOND);
  }
  expect(lostOf(one)).toEqual({ poison: 1 });
  expect(linesAccepted(sender)).toHaveLength(170);
  expect(one.observer.notices.find(({ event }) => event === "lost")?.detail).toContain(POISON);
  expect(one.imbalance()).toEqual([0]);
  expect(one.delivery.status().destinations[0]?.aside.metric.bodies).toBe(0);
  await one.stop();
});

test("D1: after a restart the same body is found on disk and treated alike", async () => {
  const disk = new FakeDisk();
  const first = life(disk, badWith("poison", FAILED));
  offerBad(first, 10);
  await pass(first, 20 * SECOND);
  await first.stop();
  expect(lostOf(first)).toEqual({});
  const sender = badWith("poison", FAILED);
  const second = life(disk, sender, first.clock);
  for (let body = 0; body < 60; body += 1) {
    second.offer(`good v=${body} 1`);
    second.delivery.flush();
    await pass(second, 10 * SECOND);
  }
  expect(lostOf(second)).toEqual({ poison: 1 });
  expect(linesAccepted(sender).filter((line) => line.startsWith("good"))).toHaveLength(60);
  expect(second.imbalance()).toEqual([0]);
  expect(second.metricLedger.queued.points).toBe(0);
  await second.stop();
});

test("a body that stands aside costs no more than its own bytes a minute", async () => {
  const sender = badWith("poison", FAILED);
  const one = life(new FakeDisk(), sender);
  offerBad(one, 50);
  await pass(one, 10 * SECOND, 3);
  const [whole] = sender.seen;
  const before = sender.seen.length;
  const spent: number[] = [];
  for (let minute = 0; minute < 10; minute += 1) {
    const from = sender.seen.length;
    for (let body = 0; body < 6; body += 1) {
      one.offer("good v=1 1");
      one.delivery.flush();
      await pass(one, 10 * SECOND, 3);
    }
    const own = sender.seen.slice(from).filter(({ gzip }) => !linesOf(gzip)[0]?.startsWith("good"));
    spent.push(own.reduce((all, { tally }) => all + tally.bytes, 0));
  }
  expect(sender.seen.length).toBeGreaterThan(before);
  expect(Math.max(...spent)).toBeLessThanOrEqual((whole?.tally.bytes ?? 0) * 1.05);
  expect(lostOf(one)).toEqual({ poison: 1 });
  await one.stop();
});

test("several bad bodies one after the other do not stop the destination", async () => {
  const sender = badWith("poison", FAILED);
  const one = life(new FakeDisk(), sender);
  for (let body = 0; body < 3; body += 1) {
    offerBad(one, 5);
  }
  one.offer("good v=1 1");
  one.delivery.flush();
  await pass(one, 40 * SECOND);
  expect(linesAccepted(sender)).toContain("good v=1 1");
  await one.stop();
});

test("where every body holds something bad, the rest is delivered all the same", async () => {
  const sender = badWith("poison", FAILED);
  const one = life(new FakeDisk(), sender);
  for (let body = 0; body < 270; body += 1) {
    if (body < 30) {
      offerBad(one, 5);
    }
    await pass(one, 10 * SECOND);
  }
  // As long as nothing else is taken, the last one may be the destination's fault.
  for (let body = 0; body < 10; body += 1) {
    one.offer("good v=1 1");
    one.delivery.flush();
    await pass(one, 30 * SECOND);
  }
  expect(lostOf(one)).toEqual({ poison: 30 });
  expect(linesAccepted(sender)).toHaveLength(310);
  expect(one.imbalance()).toEqual([0]);
  await one.stop();
});

test("an outage loses nothing as poison, however long", async () => {
  let verdict = FAILED;
  const sender = new ScriptedSender(() => verdict);
  const one = life(new FakeDisk(), sender);
  for (let body = 0; body < 100; body += 1) {
    one.offer(...numbered(5, 40, 5 * body));
    one.delivery.flush();
    await pass(one, MINUTE);
  }
  verdict = ACCEPTED;
  await pass(one, 5 * MINUTE);
  expect(lostOf(one)).toEqual({});
  expect(new Set(linesAccepted(sender)).size).toBe(500);
  expect(linesAccepted(sender)).toHaveLength(500);
  await one.stop();
});

test("D8: of a refused body only the bad lines are lost", async () => {
  const sender = badWith("bad", REFUSED);
  const one = life(new FakeDisk(), sender);
  offerBad(one, 50, ["bad v=1 1"]);
  await pass(one, SECOND);
  await until(() => lostOf(one)["http_400"] === 1);
  await turns();
  expect(linesAccepted(sender)).toHaveLength(100);
  expect(one.observer.notices.find(({ event }) => event === "lost")?.detail).toContain("bad v=1 1");
  expect(one.imbalance()).toEqual([0]);
  await one.stop();
});

test("a destination that refuses everything is not asked for every line", async () => {
  const sender = new ScriptedSender(() => REFUSED);
  const one = life(new FakeDisk(), sender);
  for (let body = 0; body < 20; body += 1) {
    one.offer(...numbered(100, 40));
    one.delivery.flush();
    await pass(one, 30 * SECOND);
  }
  await pass(one, 5 * MINUTE);
  expect(sender.seen.length).toBeLessThan(80);
  expect(lostOf(one)).toEqual({ http_400: 2000 });
  expect(one.imbalance()).toEqual([0]);
  await one.stop();
});

test("what asks for a pause is the destination's, not a body's", async () => {
  const pause: Verdict = { kind: "retry", reason: "http_5xx", pace: "normal", afterMs: 1000 };
  const sender = badWith("poison", pause);
  const one = life(new FakeDisk(), sender);
  offerBad(one, 5);
  one.offer("good v=1 1");
  one.delivery.flush();
  await pass(one, MINUTE);
  expect(one.delivery.status().destinations[0]?.aside.metric.bodies).toBe(0);
  expect(sender.accepted).toEqual([]);
  one.kill();
});
