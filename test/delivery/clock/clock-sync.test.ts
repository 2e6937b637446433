import { expect, test } from "vitest";
import { type ClockSource, ClockSync } from "../../../src/delivery/clock/clock-sync.ts";
import type { ClockReading } from "../../../src/delivery/clock/dataway-clock.ts";
import { ManualClock } from "../manual-clock.ts";

const MINUTE = 60_000;
const FAILED: ClockReading = { kind: "unread", reason: "timeout", detail: "" };

/** Answers with these offsets one after the other, `undefined`: with none; then with the last. */
class ScriptedSource implements ClockSource {
  readonly address: string;
  readonly askedAt: number[] = [];
  readonly #clock: ManualClock;
  readonly #offsets: (number | undefined)[];
  closed = false;

  constructor(address: string, clock: ManualClock, offsets: readonly (number | undefined)[]) {
    this.address = address;
    this.#clock = clock;
    this.#offsets = [...offsets];
  }

  async read(): Promise<ClockReading> {
    this.askedAt.push(this.#clock.monotonic());
    const offsetMs = this.#offsets.length > 1 ? this.#offsets.shift() : this.#offsets[0];
    return offsetMs === undefined ? FAILED : { kind: "read", offsetMs };
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** Lets a sync ask each 5 min for as many minutes. */
async function run(scripts: readonly (readonly (number | undefined)[])[], minutes: number) {
  const clock = new ManualClock();
  const sources = scripts.map((offsets, index) => new ScriptedSource(`dw${index}`, clock, offsets));
  const told: string[] = [];
  const sync = new ClockSync({
    sources,
    clock,
    intervalMs: 5 * MINUTE,
    leastOffsetMs: 30_000,
    observer: {
      read: (address, offsetMs) => told.push(`${address} ${offsetMs}`),
      unread: (address, reason) => told.push(`${address} ${reason}`),
      shifted: (address, shiftMs) => told.push(`${address} shift ${shiftMs}`),
    },
  });
  sync.start();
  await clock.advance(minutes * MINUTE);
  await sync.stop();
  expect(clock.sleepers).toBe(0);
  expect(sources.every(({ closed }) => closed)).toBe(true);
  return { told, askedAt: sources.map(({ askedAt }) => askedAt) };
}

async function shifts(offsets: readonly number[]): Promise<string[]> {
  const { told } = await run([offsets], 5 * offsets.length - 1);
  return told.filter((line) => line.includes("shift"));
}

test("it asks at once and then each interval", async () => {
  const { askedAt } = await run([[0]], 11);
  expect(askedAt).toEqual([[0, 5 * MINUTE, 10 * MINUTE]]);
});

test("a difference below the bound is left alone, one above is taken in whole seconds", async () => {
  expect(await shifts([29_400])).toEqual([]);
  expect(await shifts([-29_400])).toEqual([]);
  expect(await shifts([30_400])).toEqual(["dw0 shift 30000"]);
  expect(await shifts([-89_600])).toEqual(["dw0 shift -90000"]);
});

test("what stays about the same changes nothing; a clock that was set right ends the shift", async () => {
  expect(await shifts([90_300, 89_200, 91_400, 95_000, 500])).toEqual([
    "dw0 shift 90000",
    "dw0 shift 95000",
    "dw0 shift 0",
  ]);
});

test("near the bound it does not go to and fro", async () => {
  expect(await shifts([30_100, 29_300, 30_200, 28_700])).toEqual(["dw0 shift 30000"]);
  expect(await shifts([30_100, 27_900])).toEqual(["dw0 shift 30000", "dw0 shift 0"]);
});

test("after a failure it asks sooner, with pauses that grow up to the interval", async () => {
  const { askedAt, told } = await run([[undefined]], 20);
  expect(askedAt[0]).toEqual([0, 10, 30, 70, 150, 310, 610, 910].map((second) => 1000 * second));
  expect(new Set(told)).toEqual(new Set(["dw0 timeout"]));
});

test("what was found stays while nobody answers", async () => {
  const { told } = await run([[90_000, undefined]], 7);
  expect(told.filter((line) => line.includes("shift"))).toEqual(["dw0 shift 90000"]);
});

test("the next one is asked where the first does not answer", async () => {
  const { told, askedAt } = await run([[undefined, 0], [60_000]], 6);
  expect(told).toEqual(["dw0 timeout", "dw1 60000", "dw1 shift 60000", "dw0 0", "dw0 shift 0"]);
  expect(askedAt).toEqual([[0, 5 * MINUTE], [0]]);
});
