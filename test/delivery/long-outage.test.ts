import { expect, test } from "vitest";
import type { Payload } from "../../src/payload.ts";
import { HOUR, SECOND } from "../../src/units.ts";
import { FakeDisk } from "../spool/fake-disk.ts";
import { Life } from "./queue/queue-case.ts";
import { ACCEPTED, FAILED, ScriptedSender } from "./scripted-sender.ts";

/** In the short form everything but the rate is a twenty-fourth. */
const SHARE = process.env["PROMLINE_SOAK"] === undefined ? 1 / 24 : 1;
const OUTAGE = 24 * HOUR * SHARE;
const MAX_AGE = 12 * HOUR * SHARE;
/** One payload in 10 s stands for the samples of these; what is in it is not looked at. */
const STEP = 10 * SECOND;
const SAMPLES = 50_000 * (STEP / SECOND);
const BYTES = 2_000;
const MEMORY = 100_000;

function payload(index: number): Payload {
  const gzip = Buffer.alloc(BYTES);
  gzip.writeUInt32LE(index);
  return { category: "metric", gzip, points: SAMPLES, samples: SAMPLES, rawBytes: 900 };
}

/** How many steps the queue may hold, and by which bound. */
const BOUNDS = [
  { name: "age", maxAgeMs: MAX_AGE, maxBytes: 1e9, held: MAX_AGE / STEP },
  {
    name: "size",
    maxAgeMs: 2 * OUTAGE,
    maxBytes: (OUTAGE / STEP / 8) * BYTES,
    held: OUTAGE / STEP / 8,
  },
];

test.each(BOUNDS)(
  `an outage of ${OUTAGE / HOUR} h at 50,000 samples a second, bounded by $name`,
  async ({ name, maxAgeMs, maxBytes, held }) => {
    const disk = new FakeDisk();
    let verdict: typeof ACCEPTED | typeof FAILED = FAILED;
    const sender = new ScriptedSender(() => verdict);
    const queue = { maxBytes, maxAgeMs };
    const settings = { memoryBytes: MEMORY, flushIntervalMs: STEP };
    const life = new Life(disk, [sender], undefined, queue, settings);
    const steps = OUTAGE / STEP;
    for (let index = 0; index < steps; index += 1) {
      life.delivery.offer(payload(index));
      await life.pass(STEP);
      expect(life.delivery.status().memoryBytes).toBeLessThanOrEqual(MEMORY);
      expect(disk.usedBytes).toBeLessThan(maxBytes * 1.1 + 100_000);
    }
    verdict = ACCEPTED;
    for (let wait = 0; wait < 200; wait += 1) {
      await life.pass(STEP);
    }
    const arrived = sender.accepted.map(({ gzip }) => Buffer.from(gzip).readUInt32LE(0));
    const sorted = [...new Set(arrived)].sort((a, b) => a - b);
    expect(sorted).toHaveLength(arrived.length);
    const [ledger] = life.delivery.status().destinations;
    const lost = ledger?.ledger.metric.lost ?? {};
    // The right ones are gone: the oldest, by this bound, and each is counted; the one in hand is never dropped.
    const newest = sorted.filter((index) => index >= steps - held * 0.85);
    expect(newest[0]).toBeLessThanOrEqual(Math.ceil(steps - held * 0.85));
    expect(newest.at(-1)).toBe(steps - 1);
    expect((newest.at(-1) ?? 0) - (newest[0] ?? 0)).toBe(newest.length - 1);
    // Memory holds more than the disk does.
    expect(sorted.length).toBeLessThan(held * 1.15 + MEMORY / BYTES);
    expect(Object.keys(lost)).toEqual([name === "age" ? "expired" : "queue_full"]);
    expect(Object.values(lost)[0]?.samples).toBe((steps - sorted.length) * SAMPLES);
    expect(life.imbalance()).toEqual([0]);
    await life.stop();
  },
  600_000,
);
