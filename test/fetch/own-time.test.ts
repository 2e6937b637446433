import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OwnTime } from "../../src/fetch/own-time.ts";
import { PageFetcher } from "../../src/fetch/page-fetcher.ts";
import { get, request } from "./fetch-case.ts";
import { RecordingSink } from "./recording-sink.ts";
import { serve } from "./scripted-server.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A thread of which a test says what it did. */
class Thread {
  #activeMs = 0;
  readonly active = () => this.#activeMs;

  works(ms: number): void {
    this.#activeMs += ms;
    vi.advanceTimersByTime(ms);
  }

  waits(ms: number): void {
    vi.advanceTimersByTime(ms);
  }
}

test("work of the thread is ours, waiting for the target is not", () => {
  const thread = new Thread();
  thread.works(1000);
  const own = new OwnTime(thread.active, 5000);
  thread.works(200);
  thread.waits(300);
  thread.works(50);
  expect(own.ms).toBe(250);
});

test("a page that waits for its sink waits for us, and work meanwhile counts once", () => {
  const thread = new Thread();
  const own = new OwnTime(thread.active, 5000);
  own.pause();
  thread.waits(100);
  thread.works(200);
  expect(own.ms).toBe(300);
  own.resume();
  thread.waits(1000);
  expect(own.ms).toBe(300);
});

test("pausing twice is pausing once, and resuming a page that runs changes nothing", () => {
  const thread = new Thread();
  const own = new OwnTime(thread.active, 5000);
  own.pause();
  thread.waits(100);
  own.pause();
  thread.waits(100);
  own.resume();
  own.resume();
  thread.waits(100);
  expect(own.ms).toBe(200);
});

test("it has an end: a target that keeps the thread busy must not run for ever", () => {
  const thread = new Thread();
  const own = new OwnTime(thread.active, 100);
  thread.works(10_000);
  expect(own.ms).toBe(300);
});

const TIMEOUTS = { totalTimeoutMs: 200, idleTimeoutMs: 150 };

/** Two halves of a page. */
const HALVES = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nfirst";

async function fetchInto(sink: RecordingSink, pauseMs: number) {
  const server = await serve((socket) => {
    socket.write(HALVES);
    setTimeout(() => socket.write("end"), pauseMs);
  });
  const fetcher = new PageFetcher();
  try {
    return await get(fetcher, request(`${server.url}/metrics`), sink, TIMEOUTS);
  } finally {
    await fetcher.close();
    await server.close();
  }
}

test("a sink that works for longer than the timeouts does not cost the target its scrape", async () => {
  vi.useRealTimers();
  const sink = new RecordingSink();
  sink.gate = () => {
    const untilMs = performance.now() + 250;
    while (performance.now() < untilMs) {
      // Work, as lines that are seen for the first time are.
    }
    return undefined;
  };
  const outcome = await fetchInto(sink, 20);
  expect(outcome).toMatchObject({ kind: "ok" });
  expect(sink.text).toBe("firstend");
});

test("nor does one that lets the page wait", async () => {
  vi.useRealTimers();
  const sink = new RecordingSink();
  sink.gate = () => new Promise((resolve) => setTimeout(resolve, 250));
  expect(await fetchInto(sink, 20)).toMatchObject({ kind: "ok" });
});

test("a target that is slow itself runs into its timeout", async () => {
  vi.useRealTimers();
  const outcome = await fetchInto(new RecordingSink(), 600);
  expect(outcome).toMatchObject({ kind: "failed", reason: "idle_timeout" });
});
