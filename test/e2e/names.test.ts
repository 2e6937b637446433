import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, type TestContext, test } from "vitest";
import type { LostSynReport } from "../support/lost-syn-world.ts";
import type { NamesReport } from "../support/names-world.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";
import { requireNamespaces } from "../support/services.ts";

const SECONDS = 22;
const SILENT_NAMES = 100;
const HEALTHY = 30;

/** What a world says, run in namespaces of its own. */
async function reportOf<T>(context: TestContext, world: string, ...args: string[]): Promise<T> {
  const unshare = requireNamespaces(context);
  const program = fileURLToPath(new URL(`../support/${world}.ts`, import.meta.url));
  const all = ["-n", "-m", process.execPath, program, scratchDirectory("names"), ...args];
  const { stdout } = await promisify(execFile)(unshare, all, { timeout: 90_000 });
  return JSON.parse(stdout) as T;
}

test(`${SILENT_NAMES} names that nobody answers for beside ${HEALTHY} targets and a destination that have names`, async (context) => {
  const report = await reportOf<NamesReport>(context, "names-world", `${SECONDS}`);
  const silent = report.targets.filter(({ url }) => url.includes("//slow"));
  const healthy = report.targets.filter((target) => !silent.includes(target));
  expect([silent.length, healthy.length]).toEqual([SILENT_NAMES, HEALTHY]);

  const broken = healthy.filter(
    ({ outcome, missedTicks, hits }) =>
      outcome !== "ok" || missedTicks > 0 || longestGap(hits) > 3900,
  );
  expect(broken).toEqual([]);
  expect(Math.min(...healthy.map(({ hits }) => hits.length))).toBeGreaterThanOrEqual(5);
  expect(new Set(silent.map(({ outcome }) => outcome))).toEqual(new Set(["dns"]));

  // A delivery each second, by name.
  expect(longestGap(report.writes)).toBeLessThan(3900);
  expect(report.writes.length).toBeGreaterThanOrEqual(8);

  const { questions } = report;
  expect(questions["localhost"]).toBe(0);
  expect(questions["in-hosts"]).toBe(0);
  // Two of its targets are connected to anew each time: its answer holds 30 s.
  expect(questions["db.shop.svc.k8s.test"]).toBeLessThanOrEqual(2);
});

test("the first SYN to each address is lost: targets, destinations and the API server are reached by the second", async (context) => {
  const report = await reportOf<LostSynReport>(context, "lost-syn-world");
  const outcomes = Object.entries(report).map(([name, [outcome]]) => [name, outcome]);
  const expected = ["one", "two", "dual", "destination", "api"].map((name) => [name, "ok"]);
  expect(outcomes).toEqual(expected);
});

function longestGap(times: readonly number[]): number {
  return Math.max(...times.slice(1).map((time, at) => time - (times[at] ?? 0)));
}
