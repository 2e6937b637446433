import { getEventListeners } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FetchDeadline } from "../../src/fetch/fetch-deadline.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("it passes when the total time is over", async () => {
  const deadline = new FetchDeadline(1000, new AbortController().signal);
  vi.advanceTimersByTime(999);
  expect(deadline.over).toBe(false);
  vi.advanceTimersByTime(1);
  expect(deadline.over).toBe(true);
  expect(await deadline.passed).toMatchObject({
    reason: "total_timeout",
    detail: "not finished within 1000 ms",
  });
});

test("it passes when the caller aborts, before or after it began", async () => {
  const controller = new AbortController();
  const deadline = new FetchDeadline(1000, controller.signal);
  expect(deadline.over).toBe(false);
  controller.abort();
  expect(deadline.over).toBe(true);
  expect((await deadline.passed).reason).toBe("aborted");
  const late = new FetchDeadline(1000, AbortSignal.abort());
  expect(late.over).toBe(true);
  expect((await late.passed).reason).toBe("aborted");
});

test("the first reason stays", async () => {
  const controller = new AbortController();
  const deadline = new FetchDeadline(1000, controller.signal);
  vi.advanceTimersByTime(1000);
  controller.abort();
  expect((await deadline.passed).reason).toBe("total_timeout");
});

test("after stop neither timer nor signal is held", () => {
  const { signal } = new AbortController();
  const deadline = new FetchDeadline(1000, signal);
  expect([vi.getTimerCount(), getEventListeners(signal, "abort").length]).toEqual([1, 1]);
  deadline.stop();
  expect([vi.getTimerCount(), getEventListeners(signal, "abort").length]).toEqual([0, 0]);
});

test("a time longer than a timer can wait does not pass at once", () => {
  const deadline = new FetchDeadline(2 ** 40, new AbortController().signal);
  vi.advanceTimersByTime(60_000);
  expect(deadline.over).toBe(false);
  deadline.stop();
});
