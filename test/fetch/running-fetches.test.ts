import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fault } from "../../src/fetch/fetch-fault.ts";
import { type RunningFetch, RunningFetches } from "../../src/fetch/running-fetches.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

class Recorded implements RunningFetch {
  due: number;
  timesUp: number[] = [];
  cuts: string[] = [];

  constructor(inMs: number) {
    this.due = performance.now() + inMs;
  }

  dueMs(): number {
    return this.due;
  }

  timeUp(): void {
    this.timesUp.push(performance.now());
    this.due = Number.POSITIVE_INFINITY;
  }

  cut({ reason }: { reason: string }): void {
    this.cuts.push(reason);
  }
}

test("each is told when its time is up, whatever the order", async () => {
  const running = new RunningFetches();
  const start = performance.now();
  const fetches = [300, 100, 200].map((inMs) => new Recorded(inMs));
  for (const fetch of fetches) {
    running.add(fetch);
  }
  await vi.advanceTimersByTimeAsync(1000);
  expect(fetches.map(({ timesUp }) => timesUp.map((at) => at - start))).toEqual([
    [300],
    [100],
    [200],
  ]);
});

test("one whose time has moved on is told then, and one that has come nearer at once", async () => {
  const running = new RunningFetches();
  const start = performance.now();
  const later = new Recorded(100);
  const nearer = new Recorded(1000);
  running.add(later);
  running.add(nearer);
  later.due += 150;
  nearer.due = start + 50;
  running.wakeBy(nearer.due);
  await vi.advanceTimersByTimeAsync(1000);
  expect([later.timesUp[0], nearer.timesUp[0]]).toEqual([start + 250, start + 50]);
});

test("one that is over is told nothing", async () => {
  const running = new RunningFetches();
  const over = new Recorded(100);
  running.add(over);
  running.delete(over);
  await vi.advanceTimersByTimeAsync(1000);
  expect(over.timesUp).toEqual([]);
});

test("fetches that end in time share one timer", async () => {
  const running = new RunningFetches();
  const set = vi.spyOn(globalThis, "setTimeout");
  for (let n = 0; n < 100; n++) {
    const fetch = new Recorded(10_000);
    running.add(fetch);
    await vi.advanceTimersByTimeAsync(50);
    running.delete(fetch);
  }
  expect(set).toHaveBeenCalledTimes(1);
  set.mockRestore();
});

test("only while one runs does the timer hold the thread", async () => {
  const running = new RunningFetches();
  const set = vi.spyOn(globalThis, "setTimeout");
  const [first, second] = [new Recorded(1000), new Recorded(1000)];
  running.add(first);
  const timer = set.mock.results[0]?.value as NodeJS.Timeout;
  running.add(second);
  running.delete(first);
  expect(timer.hasRef()).toBe(true);
  running.delete(second);
  expect(timer.hasRef()).toBe(false);
  running.add(first);
  expect(timer.hasRef()).toBe(true);
  set.mockRestore();
});

test("a time that setTimeout cannot take is waited for all the same", async () => {
  const running = new RunningFetches();
  const far = new Recorded(2 ** 32);
  running.add(far);
  await vi.advanceTimersByTimeAsync(2 ** 31);
  expect(far.timesUp).toEqual([]);
  await vi.advanceTimersByTimeAsync(2 ** 31 + 10);
  expect(far.timesUp).toHaveLength(1);
});

test("all are cut at once", async () => {
  const running = new RunningFetches();
  const fetches = [new Recorded(10), new Recorded(20)];
  for (const fetch of fetches) {
    running.add(fetch);
  }
  running.cutAll(fault("aborted", "the end"));
  expect(fetches.map(({ cuts }) => cuts)).toEqual([["aborted"], ["aborted"]]);
});
