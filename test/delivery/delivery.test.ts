import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Delivery } from "../../src/delivery/delivery.ts";
import type { DeliverySettings, FileSettings } from "../../src/delivery/delivery-settings.ts";
import type { DestinationStatus } from "../../src/delivery/delivery-status.ts";
import type { Verdict } from "../../src/delivery/send/verdict.ts";
import { plus, sum } from "../../src/tally.ts";
import { linesOf, numbered, payloadOf } from "./line-payload.ts";
import { ManualClock, turns } from "./manual-clock.ts";
import { RecordingObserver } from "./recording-observer.ts";
import { ACCEPTED, FAILED, ScriptedSender } from "./scripted-sender.ts";

const NEVER = new Promise<Verdict>(() => undefined);

/** A delivery to scripted senders, one destination each, named a, b, … */
function deliveryTo(senders: readonly ScriptedSender[], changed: Partial<DeliverySettings> = {}) {
  const clock = new ManualClock();
  const observer = new RecordingObserver();
  const named = new Map(senders.map((sender, index) => ["abc".charAt(index), sender]));
  const destinations = [...named.keys()].map(
    (name): FileSettings => ({
      kind: "file",
      name,
      directory: "none",
      maxFileBytes: 0,
      maxTotalBytes: 0,
    }),
  );
  const settings: DeliverySettings = {
    destinations,
    memoryBytes: 1_000_000,
    overflow: "drop_oldest",
    flushIntervalMs: 10_000,
    maxRawBodyBytes: 1000,
    hostName: "n1",
    ...changed,
  };
  const delivery = new Delivery(settings, {
    clock,
    observer,
    random: () => 0.5,
    senderOf: ({ name }) => named.get(name)!,
  });
  const abort = new AbortController();
  return { delivery, clock, observer, abort, start: () => delivery.start(abort.signal) };
}

function expectBalanced(status: DestinationStatus): void {
  for (const { offered, sent, queued, lost } of Object.values(status.ledger)) {
    expect(plus(plus(sent, queued), sum(Object.values(lost)))).toEqual(offered);
  }
}

test("what came is sent at the flush interval, one body a category", async () => {
  const sender = new ScriptedSender(() => ACCEPTED);
  const { delivery, clock, start } = deliveryTo([sender]);
  start();
  delivery.offer(payloadOf(["a v=1 1"]));
  delivery.offer(payloadOf(["l v=1 1"], "logging"));
  delivery.offer(payloadOf(["b v=2 1"]));
  await clock.advance(999);
  expect(sender.seen).toHaveLength(0);
  await clock.advance(1);
  expect(sender.accepted.map((body) => [body.category, linesOf(body.gzip)])).toEqual([
    ["metric", ["a v=1 1", "b v=2 1"]],
    ["logging", ["l v=1 1"]],
  ]);
  await clock.drive(delivery.stop(1000), clock.monotonic());
  expect(clock.sleepers).toBe(0);
  expect(sender.closed).toBe(true);
});

test("a full body does not wait for the interval", async () => {
  const sender = new ScriptedSender(() => ACCEPTED);
  const { delivery, start } = deliveryTo([sender]);
  start();
  delivery.offer(payloadOf(numbered(10, 60)));
  delivery.offer(payloadOf(numbered(10, 60)));
  await turns();
  expect(sender.accepted.map((body) => body.tally.bytes)).toEqual([600]);
  await delivery.stop(0);
});

test("the same body with the same id is sent until it is accepted, after a growing wait", async () => {
  const sender = new ScriptedSender((_, count) => (count < 4 ? FAILED : ACCEPTED));
  const { delivery, clock, observer, start } = deliveryTo([sender]);
  start();
  delivery.offer(payloadOf(["a v=1 1"]));
  delivery.flush();
  const times: number[] = [];
  for (let step = 0; step < 50; step += 1) {
    await clock.advance(100);
    while (times.length < sender.seen.length) {
      times.push(clock.monotonic());
    }
  }
  expect(times).toEqual([100, 500, 1500, 3500]);
  expect(new Set(sender.seen.map((body) => body.id)).size).toBe(1);
  expect(observer.states).toEqual(["a failing", "a ok"]);
  expect(observer.notices.map(({ event }) => event)).toEqual(["failing", "recovered"]);
  await delivery.stop(0);
});

test("a destination that is asked to wait waits as long, at the stop too", async () => {
  const asked: Verdict = { kind: "retry", reason: "http_429", pace: "normal", afterMs: 60_000 };
  const sender = new ScriptedSender((_, count) => (count === 1 ? asked : ACCEPTED));
  const { delivery, clock, start } = deliveryTo([sender]);
  start();
  delivery.offer(payloadOf(["a v=1 1"]));
  delivery.flush();
  await clock.advance(59_000);
  expect(sender.seen).toHaveLength(1);
  const stop = delivery.stop(5000);
  await clock.advance(999);
  expect(sender.seen).toHaveLength(1);
  await clock.advance(1);
  expect(await stop).toEqual({ unsent: [], kept: [] });
  expect(sender.accepted).toHaveLength(1);
});

test("while a destination fails there is one probe at a time, then all go at once again", async () => {
  const gates: PromiseWithResolvers<Verdict>[] = [];
  const sender = new ScriptedSender(() => {
    const gate = Promise.withResolvers<Verdict>();
    gates.push(gate);
    return gate.promise;
  }, 3);
  const { delivery, clock, start } = deliveryTo([sender]);
  start();
  for (let count = 0; count < 6; count += 1) {
    delivery.offer(payloadOf(numbered(10, 100)));
  }
  await turns();
  expect(sender.underWay).toBe(3);
  for (const gate of gates) {
    gate.resolve(FAILED);
  }
  await clock.advance(60_000);
  expect(gates).toHaveLength(4);
  gates[3]?.resolve(ACCEPTED);
  await turns();
  expect(sender.underWay).toBe(3);
  await clock.drive(delivery.stop(0), clock.monotonic() + 1000);
});

test("a destination that hangs delays no other and costs it nothing", async () => {
  for (const overflow of ["drop_oldest", "drop_newest"] as const) {
    const dead = new ScriptedSender(() => NEVER);
    const well = new ScriptedSender(() => ACCEPTED);
    const { delivery, clock, start } = deliveryTo([dead, well], { overflow, memoryBytes: 6000 });
    start();
    for (let count = 0; count < 50; count += 1) {
      expect(delivery.offer(payloadOf(numbered(10, 100, count * 10)))).toBe("queued");
      await turns();
      // The bound, and the body that the dead one has in hand.
      expect(delivery.status().memoryBytes).toBeLessThan(6000 + 1000);
    }
    const [a, b] = delivery.status().destinations;
    expect(well.accepted.flatMap((body) => linesOf(body.gzip))).toEqual(numbered(500, 100));
    expect(b?.ledger.metric.lost).toEqual({});
    expect(a?.ledger.metric.lost.queue_full?.points).toBeGreaterThan(0);
    expectBalanced(a!);
    const report = clock.drive(delivery.stop(1000), clock.monotonic() + 2000);
    expect((await report).unsent).toEqual([{ destination: "a", tally: a?.ledger.metric.queued }]);
    expect(delivery.status().memoryBytes).toBe(0);
  }
});

test("two destinations that fail at different times stay within the bound together", async () => {
  for (const overflow of ["drop_oldest", "drop_newest"] as const) {
    let failing = false;
    const dead = new ScriptedSender(() => NEVER);
    const later = new ScriptedSender(() => (failing ? NEVER : ACCEPTED));
    const { delivery, clock, start } = deliveryTo([dead, later], { overflow, memoryBytes: 6000 });
    start();
    for (let count = 0; count < 100; count += 1) {
      failing = count >= 50;
      delivery.offer(payloadOf(numbered(10, 100, count * 10)));
      await turns(3);
      expect(delivery.status().memoryBytes).toBeLessThan(6000 + 1000);
    }
    for (const status of delivery.status().destinations) {
      expectBalanced(status);
    }
    await clock.drive(delivery.stop(0), clock.monotonic() + 1000);
  }
});

test("when full, the policy decides whether the oldest or the newest is lost", async () => {
  const kept = async (overflow: "drop_oldest" | "drop_newest") => {
    const gate = Promise.withResolvers<Verdict>();
    const sender = new ScriptedSender(() => gate.promise);
    const { delivery, clock, start } = deliveryTo([sender], { overflow, memoryBytes: 3000 });
    start();
    for (let count = 0; count < 20; count += 1) {
      delivery.offer(payloadOf(numbered(10, 100, count * 10)));
      await turns(2);
    }
    gate.resolve(ACCEPTED);
    await clock.drive(delivery.stop(1000), clock.monotonic() + 500);
    expectBalanced(delivery.status().destinations[0]!);
    const lines = sender.accepted.flatMap((body) => linesOf(body.gzip));
    const all = numbered(200, 100);
    return { first: all.indexOf(lines[10]!), last: all.indexOf(lines.at(-1)!) };
  };
  const oldest = await kept("drop_oldest");
  expect(oldest.first).toBeGreaterThan(10);
  expect(oldest.last).toBe(199);
  const newest = await kept("drop_newest");
  expect(newest.first).toBe(10);
  expect(newest.last).toBeLessThan(199);
});

test("whoever offers can wait for room, and is let go at the stop", async () => {
  const gate = Promise.withResolvers<Verdict>();
  const sender = new ScriptedSender(() => gate.promise);
  const { delivery, start } = deliveryTo([sender], { memoryBytes: 2500 });
  start();
  expect(delivery.whenRoom()).toBeUndefined();
  while (delivery.hasRoom()) {
    delivery.offer(payloadOf(numbered(10, 100)));
    await turns(2);
  }
  const waiting = delivery.whenRoom();
  expect(waiting).toBeInstanceOf(Promise);
  gate.resolve(ACCEPTED);
  await waiting;
  expect(delivery.hasRoom()).toBe(true);
  await delivery.stop(0);
  expect(delivery.offer(payloadOf(["a v=1 1"]))).toBe("dropped");
  expectBalanced(delivery.status().destinations[0]!);
});

test("a member longer than a body is cut, whatever the destination would say", async () => {
  const sender = new ScriptedSender(() => ACCEPTED);
  const { delivery, clock, start } = deliveryTo([sender]);
  start();
  delivery.offer(payloadOf([...numbered(30, 100), ...numbered(1, 1500, 30)]));
  await clock.drive(delivery.stop(1000), 500);
  expect(sender.accepted.flatMap((body) => linesOf(body.gzip))).toEqual(numbered(30, 100));
  expect(sender.accepted.every((body) => body.tally.bytes <= 1000)).toBe(true);
  const { ledger } = delivery.status().destinations[0]!;
  expect(ledger.metric.lost).toEqual({
    point_too_large: { payloads: 0, points: 1, samples: 2, bytes: 1500 },
  });
});

test("a refused size is remembered, and one point still too large is lost", async () => {
  const sender = new ScriptedSender((body) =>
    body.tally.bytes > 300 ? { kind: "split" } : ACCEPTED,
  );
  const { delivery, clock, observer, start } = deliveryTo([sender]);
  start();
  for (let count = 0; count < 3; count += 1) {
    delivery.offer(payloadOf(numbered(10, 100, count * 10)));
  }
  delivery.offer(payloadOf(numbered(1, 400, 30)));
  await clock.drive(delivery.stop(1000), 500);
  expect(sender.accepted.flatMap((body) => linesOf(body.gzip))).toEqual(numbered(30, 100));
  expect(observer.attempts.filter((attempt) => attempt === "a split").length).toBeLessThan(6);
  expect(observer.losses).toEqual(["a metric point_too_large"]);
});

test("what is corrupt is lost only where it has to be opened", async () => {
  const sender = new ScriptedSender(() => ACCEPTED);
  const { delivery, clock, start } = deliveryTo([sender]);
  start();
  const wrong = Uint8Array.from(gzipSync("a v=1 1\n"));
  delivery.offer({ category: "metric", gzip: wrong, rawBytes: 5000, points: 9, samples: 9 });
  await clock.drive(delivery.stop(1000), 500);
  expect(delivery.status().destinations[0]?.ledger.metric.lost.corrupt?.points).toBe(9);
});

test("when the outer signal aborts everything ends, and the stop counts what is left", async () => {
  const sender = new ScriptedSender(() => NEVER);
  const { delivery, clock, abort, start } = deliveryTo([sender]);
  start();
  delivery.offer(payloadOf(["a v=1 1"]));
  delivery.flush();
  await turns();
  abort.abort();
  await turns();
  expect(sender.underWay).toBe(0);
  const { unsent } = await clock.drive(delivery.stop(60_000), 1);
  expect(unsent).toEqual([
    { destination: "a", tally: { payloads: 1, points: 1, samples: 2, bytes: 8 } },
  ]);
  expect(clock.sleepers).toBe(0);
});

const verdicts: fc.Arbitrary<Verdict> = fc.constantFrom<Verdict>(
  ACCEPTED,
  FAILED,
  { kind: "retry", reason: "http_429", pace: "normal", afterMs: 3000 },
  { kind: "split" },
  { kind: "dropped", reason: "http_400" },
  { kind: "accepted", rejectedPoints: 1 },
);

test("every line reaches a destination once or is counted as lost with a reason", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ lines: fc.integer({ min: 1, max: 30 }), logging: fc.boolean() }), {
        minLength: 1,
        maxLength: 12,
      }),
      fc.array(verdicts, { maxLength: 30 }),
      fc.integer({ min: 1, max: 3 }),
      async (members, answers, concurrency) => {
        const sender = new ScriptedSender(
          (body, count) => (body.tally.bytes > 1000 ? NEVER : (answers[count - 1] ?? ACCEPTED)),
          concurrency,
        );
        const { delivery, clock, start } = deliveryTo([sender]);
        start();
        const offered: Uint8Array[] = [];
        const lines: string[] = [];
        for (const { lines: count, logging } of members) {
          const some = numbered(count, 60, lines.length);
          const payload = payloadOf(some, logging ? "logging" : "metric");
          lines.push(...some);
          offered.push(payload.gzip);
          delivery.offer(payload);
        }
        expect(await clock.drive(delivery.stop(1e9), 1e8)).toEqual({ unsent: [], kept: [] });
        const status = delivery.status().destinations[0]!;
        expectBalanced(status);
        expect(sender.seen.every((body) => body.tally.bytes <= 1000)).toBe(true);
        const delivered = sender.accepted.flatMap((body) => linesOf(body.gzip));
        expect(new Set(delivered).size).toBe(delivered.length);
        expect(lines).toEqual(expect.arrayContaining(delivered));
        const lost = Object.values(status.ledger).flatMap((page) => Object.entries(page.lost));
        const unsent = lost.filter(([reason]) => reason !== "partial_write");
        const gone = sum(unsent.map(([, tally]) => tally)).points;
        expect(delivered.length + gone).toBe(lines.length);
        if (members.every((member) => member.lines <= 16) && !answers.some(isSplit)) {
          expectJoined(sender, offered);
        }
      },
    ),
    { numRuns: 60 },
  );
});

function isSplit(verdict: Verdict): boolean {
  return verdict.kind === "split";
}

/** Without a split, the bytes that went out are those of the members, joined. */
function expectJoined(sender: ScriptedSender, offered: readonly Uint8Array[]): void {
  for (const body of sender.seen) {
    let at = 0;
    for (const { gzipBytes } of body.members) {
      const stretch = body.gzip.subarray(at, at + gzipBytes);
      expect(offered.some((member) => Buffer.compare(member, stretch) === 0)).toBe(true);
      at += gzipBytes;
    }
    expect(at).toBe(body.gzip.byteLength);
  }
}

test("bodies hold points of one sinker group, parts of them too", async () => {
  const sender = new ScriptedSender((_, count) => (count === 1 ? { kind: "split" } : ACCEPTED));
  const { delivery, clock, start } = deliveryTo([sender]);
  start();
  const payload = (name: string, sinkTags?: string) => ({
    ...payloadOf([`${name} v=1 1`, `${name} v=2 2`]),
    ...(sinkTags === undefined ? {} : { sinkTags }),
  });
  delivery.offer(payload("a", "app=a"));
  delivery.offer(payload("b"));
  delivery.offer(payload("c", "app=c"));
  delivery.offer(payload("d", "app=a"));
  expect(delivery.status().destinations[0]?.ledger.metric.queued.points).toBe(8);
  await clock.advance(10_000);
  expect(
    sender.accepted.map(({ gzip, sinkTags }) => [
      sinkTags,
      ...linesOf(gzip).map((line) => line.charAt(0)),
    ]),
  ).toEqual([
    ["app=a", "a", "a"],
    ["app=a", "d", "d"],
    [undefined, "b", "b"],
    ["app=c", "c", "c"],
  ]);
  expect(delivery.status().memoryBytes).toBe(0);
  await clock.drive(delivery.stop(1000), 60_000);
});
