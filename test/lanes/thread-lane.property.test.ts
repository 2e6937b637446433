import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { laneDefaults } from "../../src/lanes/lane-settings.ts";
import { ThreadLane } from "../../src/lanes/thread-lane.ts";
import type { ScrapeReport } from "../../src/scrape/scrape-report.ts";
import { target } from "./targets.ts";

const FIXTURE = new URL("./fixture-worker.ts", import.meta.url);
const never = new AbortController().signal;

const bytes = fc.oneof(fc.nat(300), fc.nat(100_000));
const step = fc.oneof(
  { arbitrary: bytes.map(String), weight: 3 },
  { arbitrary: fc.constant("turn"), weight: 1 },
);
const page = fc.array(step, { maxLength: 8 });
/** For each payload in turn: how many turns of the event loop whoever takes it holds it back. */
const holds = fc.array(fc.nat(4), { minLength: 1, maxLength: 10 });

const opened: ThreadLane[] = [];
afterAll(async () => {
  await Promise.all(opened.map((lane) => lane.stop()));
});

/** A lane whose payloads are written down by target, and held back as `pace` says. */
function recordedLane(creditBytes: number) {
  const seen = new Map<string, { number: number; bytes: number }[]>();
  const pace = { holds: [0], taken: 0, gate: undefined as Promise<void> | undefined };
  const onPayload = (key: string, { gzip, rawBytes }: { gzip: Uint8Array; rawBytes: number }) => {
    const before = seen.get(key) ?? [];
    seen.set(key, [...before, { number: rawBytes, bytes: gzip.byteLength }]);
    if (pace.gate !== undefined) return pace.gate;
    const turns = pace.holds[pace.taken++ % pace.holds.length] ?? 0;
    return turns === 0 ? undefined : afterTurns(turns);
  };
  const settings = { ...laneDefaults, creditBytes };
  const lane = new ThreadLane(settings, FIXTURE, onPayload, systemClock);
  opened.push(lane);
  return { lane, seen, pace };
}

async function afterTurns(turns: number): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}

function sizesOf(steps: readonly string[]): number[] {
  return steps.filter((one) => one !== "turn" && one !== "exit").map(Number);
}

test.for([1, 500, 150_000])(
  "with %i bytes of credit each payload comes once and in order, and the credit comes back",
  async (creditBytes) => {
    const { lane, seen, pace } = recordedLane(creditBytes);
    await fc.assert(
      fc.asyncProperty(fc.array(page, { maxLength: 6 }), holds, async (pages, held) => {
        seen.clear();
        Object.assign(pace, { holds: held, taken: 0, gate: undefined });
        const scrapes = pages.map((steps, i) =>
          lane.scrape(target(`${i}`, `steps:${steps.join(",")}`), i, never),
        );
        const reports = await Promise.all(scrapes);
        for (const [i, report] of reports.entries()) {
          const sizes = sizesOf(pages[i] ?? []);
          expect(report).toMatchObject({ outcome: { kind: "ok" }, durationMs: i });
          expect(report.outputBytes).toBe(sum(sizes));
          expect(seen.get(`${i}`) ?? []).toEqual(
            sizes.map((size, number) => ({ number, bytes: size })),
          );
        }
        await afterTurns(5);
        // One byte less than everything makes nobody wait, although nobody takes it.
        const { promise, resolve } = Promise.withResolvers<void>();
        pace.gate = promise;
        const last = await lane.scrape(target("last", `steps:${creditBytes - 1}`), 0, never);
        expect(last.wireBytes).toBe(0);
        resolve();
        await promise;
      }),
      { numRuns: 40 },
    );
  },
);

test("of a lane that dies each payload came once or not at all, and what came is counted", async () => {
  const life = fc.record({
    creditBytes: fc.constantFrom(1, 500, 150_000),
    pages: fc.array(page, { minLength: 1, maxLength: 6 }),
    held: holds,
    culprit: fc.nat(),
    at: fc.nat(8),
  });
  await fc.assert(
    fc.asyncProperty(life, async ({ creditBytes, pages, held, culprit, at }) => {
      const { lane, seen, pace } = recordedLane(creditBytes);
      pace.holds = held;
      const deadly = pages.map((steps, i) =>
        i === culprit % pages.length ? steps.toSpliced(at, 0, "exit") : steps,
      );
      const scrapes = deadly.map((steps, i) =>
        lane.scrape(target(`${i}`, `steps:${steps.join(",")}`), i, never),
      );
      const reports = await Promise.all(scrapes);
      expect(await lane.ended).toContain("code: 3");
      expect(reports[culprit % pages.length]?.outcome.kind).toBe("failed");
      for (const [i, report] of reports.entries()) {
        const came = seen.get(`${i}`) ?? [];
        const sizes = sizesOf(deadly[i] ?? []);
        expect(came).toEqual(
          sizes.slice(0, came.length).map((size, number) => ({ number, bytes: size })),
        );
        if (report.outcome.kind === "ok") expect(came).toHaveLength(sizes.length);
        else expect(countedOf(report)).toEqual(countOf(came));
      }
    }),
    { numRuns: 15 },
  );
});

function countOf(came: readonly { number: number; bytes: number }[]) {
  return {
    reason: "lane",
    samples: 2 * came.length,
    points: came.length,
    rawBytes: sum(came.map(({ number }) => number)),
    bytes: sum(came.map((one) => one.bytes)),
  };
}

function countedOf({ outcome, counts, outputBytes, compressedBytes }: ScrapeReport) {
  return {
    reason: outcome.kind === "failed" ? outcome.reason : "none",
    samples: counts.samples,
    points: counts.points,
    rawBytes: outputBytes,
    bytes: compressedBytes,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
