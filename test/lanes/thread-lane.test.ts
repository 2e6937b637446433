import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { OnPayload } from "../../src/lanes/lane.ts";
import { type LaneSettings, laneDefaults } from "../../src/lanes/lane-settings.ts";
import { ThreadLane } from "../../src/lanes/thread-lane.ts";
import type { Payload } from "../../src/payload.ts";
import { SteppingClock } from "../agent/schedule/stepping-clock.ts";
import { target } from "./targets.ts";

const FIXTURE = new URL("./fixture-worker.ts", import.meta.url);
const RECORDING = new URL("./recording-worker.ts", import.meta.url);
const BROKEN = new URL("./broken-worker.ts", import.meta.url);
const never = new AbortController().signal;
const ignore: OnPayload = () => undefined;
const turnEnds = () => new Promise((resolve) => setImmediate(resolve));

const opened: ThreadLane[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((lane) => lane.stop()));
});

function lane(
  onPayload: OnPayload,
  settings: Partial<LaneSettings> = {},
  entry = FIXTURE,
  clock = systemClock,
) {
  const made = new ThreadLane({ ...laneDefaults, ...settings }, entry, onPayload, clock);
  opened.push(made);
  return made;
}

describe("a scrape in a thread", () => {
  test("hands over each payload in order, and then the report", async () => {
    const seen: [string, number, number][] = [];
    const one = lane((key, payload) => {
      seen.push([key, payload.gzip[0] ?? -1, payload.gzip.byteLength]);
      return undefined;
    });
    const report = await one.scrape(target("a", "emit:3:100"), 1234, never);
    expect(seen).toEqual([
      ["a", 0, 100],
      ["a", 1, 100],
      ["a", 2, 100],
    ]);
    expect(report).toMatchObject({ outcome: { kind: "ok" }, outputBytes: 300, durationMs: 1234 });
  });

  test("knows a target by its key until another object takes its place", async () => {
    const one = lane(ignore);
    const first = target("a", "emit:1:10");
    const again = target("a", "emit:2:10");
    expect((await one.scrape(first, 0, never)).outputBytes).toBe(10);
    expect((await one.scrape(first, 0, never)).outputBytes).toBe(10);
    expect((await one.scrape(again, 0, never)).outputBytes).toBe(20);
  });

  test("lets go of a target that is forgotten", async () => {
    const one = lane(ignore);
    await one.scrape(target("a", "emit:0:0"), 0, never);
    expect((await one.scrape(target("b", "emit:0:0"), 0, never)).bodyBytes).toBe(2);
    one.forget("a");
    expect((await one.scrape(target("b", "emit:0:0"), 0, never)).bodyBytes).toBe(1);
  });

  test.for([
    ["while it runs", 20],
    ["before it began", 0],
  ] as const)("ends when aborted %s", async ([, delayMs]) => {
    const one = lane(ignore);
    const signal = delayMs === 0 ? AbortSignal.abort() : AbortSignal.timeout(delayMs);
    const report = await one.scrape(target("a", "hang"), 0, signal);
    expect(report.outcome).toMatchObject({ kind: "failed", reason: "aborted" });
  });

  test("pauses when its payloads are not taken, and goes on when they are", async () => {
    const held: { payload: Payload; take: () => void }[] = [];
    const one = lane(
      (_key, payload) => new Promise((take) => held.push({ payload, take: () => take() })),
      { creditBytes: 220_000 },
    );
    const scrape = one.scrape(target("big", "emit:50:70000"), 0, never);
    const probe = () => one.scrape(target("probe", "emit:0:0"), 0, never);
    // Messages keep their order: what the first scrape had to say before the probe's report has been heard.
    await probe();
    await probe();
    expect(held).toHaveLength(4);
    for (let taken = 0; taken < 50; taken++) {
      while (held.length === 0) await probe();
      held.shift()?.take();
      expect(held.length).toBeLessThanOrEqual(4);
    }
    expect((await scrape).outputBytes).toBe(3_500_000);
  });
});

describe("what a lane is told", () => {
  /** Scrapes `targets` in one turn; what the lane was told since the last of these, array by array. */
  async function toldOf(one: ThreadLane, ...targets: ReturnType<typeof target>[]) {
    const reports = await Promise.all(targets.map((each) => one.scrape(each, 0, never)));
    return reports.flatMap(({ outcome }) =>
      outcome.kind === "failed" && outcome.detail !== "" ? [outcome.detail] : [],
    );
  }

  const [a, b] = [target("a"), target("b")];

  test("in one turn is one message, and keeps its order", async () => {
    const one = lane(ignore, {}, RECORDING);
    expect(await toldOf(one, a, b)).toEqual(["ping+configure+scrape+configure+scrape"]);
    const aborted = AbortSignal.abort();
    const report = one.scrape(a, 0, aborted);
    one.forget("b");
    expect(await toldOf(one, b)).toEqual([]);
    expect((await report).outcome).toMatchObject({
      detail: "ack+scrape+abort+forget+configure+scrape",
    });
  });

  test("acknowledges with what it is told anyway", async () => {
    const one = lane(ignore, { creditBytes: 201 }, RECORDING);
    await toldOf(one, a);
    expect(await toldOf(one, a)).toEqual(["ack+scrape"]);
  });

  test("acknowledges by itself half of the credit, and only what was taken", async () => {
    const takes: (() => void)[] = [];
    const hold: OnPayload = () => new Promise((take) => takes.push(take));
    const one = lane(hold, { creditBytes: 200 }, RECORDING);
    await toldOf(one, a);
    expect(await toldOf(one, a)).toEqual(["scrape"]);
    takes[0]?.();
    await turnEnds();
    await turnEnds();
    expect(await toldOf(one, a)).toEqual(["ack scrape"]);
  });

  test("asks for a sign of life only after a beat without a message", async () => {
    const clock = new SteppingClock(0);
    const one = lane(ignore, { beatMs: 1000 }, RECORDING, clock);
    await toldOf(one, a);
    for (let beat = 0; beat < 3; beat++) {
      await clock.pass(1000);
      expect(await toldOf(one, a)).toEqual(["ack+scrape"]);
    }
    await clock.pass(2000);
    expect(await toldOf(one, a)).toEqual(["ack+ping+scrape"]);
  });
});

describe("a lane that dies", () => {
  test.for([
    ["throw", "thrown by the fixture"],
    ["exit", "code: 3"],
  ] as const)("by %s ends its scrapes and says why", async ([verb, why]) => {
    const one = lane(ignore);
    const bystander = one.scrape(target("bystander", "hang"), 0, never);
    const culprit = one.scrape(target("culprit", verb), 0, never);
    expect(await one.ended).toContain(why);
    for (const report of await Promise.all([bystander, culprit])) {
      expect(report.outcome).toMatchObject({ kind: "failed", reason: "lane" });
    }
    const late = await one.scrape(target("late", "emit:1:1"), 0, never);
    expect(late.outcome).toMatchObject({ kind: "failed", reason: "lane" });
  });

  test("has counted what had come out of it", async () => {
    const payloads: Payload[] = [];
    const one = lane((_key, payload) => {
      payloads.push(payload);
      return undefined;
    });
    const report = await one.scrape(target("a", "throw"), 0, never);
    expect(payloads).toHaveLength(1);
    expect(report.counts).toMatchObject({ lines: 2, samples: 2, sent: 2, points: 1 });
    expect(report).toMatchObject({ outputBytes: 655_360, compressedBytes: 65_536 });
  });

  test("of too much memory takes only itself", async () => {
    const one = lane(ignore, { memoryMb: 16, youngMemoryMb: 4 });
    const report = await one.scrape(target("a", "oom"), 0, never);
    expect(report.outcome).toMatchObject({ kind: "failed", reason: "lane" });
    expect(await one.ended).toContain("memory");
  });

  test("by spinning is ended from outside", async () => {
    const one = lane(ignore, { beatMs: 50, silentBeats: 10 });
    await one.scrape(target("warm", "emit:0:0"), 0, never);
    const report = await one.scrape(target("a", "spin"), 0, never);
    expect(report.outcome).toMatchObject({ kind: "failed", reason: "lane" });
    expect(await one.ended).toContain("no sign of life");
  });

  test("before it has begun says why", async () => {
    const one = lane(ignore, {}, BROKEN);
    const report = await one.scrape(target("a", "emit:1:1"), 0, never);
    expect(report.outcome).toMatchObject({ kind: "failed", reason: "lane" });
    expect(await one.ended).toContain("broken on import");
  });
});

describe("stopping a lane", () => {
  test("aborts what runs and hears its reports", async () => {
    const one = lane(ignore);
    const running = one.scrape(target("a", "hang"), 0, never);
    await one.scrape(target("b", "emit:0:0"), 0, never);
    await one.stop();
    expect((await running).outcome).toMatchObject({ kind: "failed", reason: "aborted" });
    expect(await one.ended).toBe("closed");
  });

  test("does not wait for ever for a scrape that hears nothing", async () => {
    const one = lane(ignore, { closeMs: 100 });
    const running = one.scrape(target("a", "stubborn"), 0, never);
    await one.stop();
    expect((await running).outcome).toMatchObject({ kind: "failed", reason: "lane" });
  });

  test("leaves nothing that keeps the process alive", async () => {
    const script = fileURLToPath(new URL("./stop-and-exit.ts", import.meta.url));
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [script], { timeout: 15_000 });
    expect(stdout).toBe("ok\n");
  });
});

describe("the end of a lane that is not needed any more", () => {
  test("waits for the scrape under way, and no longer", async () => {
    const one = lane(ignore);
    const running = one.scrape(target("a", "emit:20:100000"), 0, never);
    const retired = one.retire();
    expect((await running).outcome.kind).toBe("ok");
    await retired;
    expect(await one.ended).toBe("closed");
  });

  test("comes at once where nothing runs", async () => {
    const one = lane(ignore);
    await one.scrape(target("a", "emit:1:10"), 0, never);
    await one.retire();
    expect(await one.ended).toBe("closed");
  });
});

test("what a lane had to do is a share of the time since it was asked last", async () => {
  const one = lane(ignore);
  await one.scrape(target("warm", "emit:1:10"), 0, never);
  one.busy();
  await one.scrape(target("a", "burn:300"), 0, never);
  const busy = one.busy();
  expect(busy).toBeGreaterThan(0.6);
  expect(busy).toBeLessThanOrEqual(1);
});
