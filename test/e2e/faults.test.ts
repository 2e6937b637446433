import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { AgentProcess, type AgentTarget } from "../support/agent-process.ts";
import { Dataway } from "../support/dataway.ts";
import type { Point } from "../support/line-protocol.ts";
import { isUp } from "../support/point-selection.ts";
import { garbage, page, type TargetBehaviour, TargetServer } from "../support/targets.ts";

const SECONDS = process.env["PROMLINE_SOAK"] === "1" ? 180 : 20;
const INTERVAL_MS = 2000;
const MIB = 1024 * 1024;

const PAGE = Array.from(
  { length: 200 },
  (_, i) => `requests_total{code="${i % 5}",path="/api/v${i}"} ${i}.5\n`,
).join("");
const LOGIN =
  "<!doctype html>\n<html><body>\n<form action=/login>who are you?</form>\n</body></html>\n";

interface Group {
  readonly name: string;
  readonly count: number;
  readonly behaviour: TargetBehaviour;
  /** What `/api/v1/targets` gives as the outcome. */
  readonly outcome: RegExp;
}

const FAULTY: readonly Group[] = [
  { name: "hang", count: 20, behaviour: { kind: "hang" }, outcome: /^(idle|total)_timeout$/ },
  { name: "garbage", count: 10, behaviour: garbage(), outcome: /^no_samples$/ },
  { name: "login", count: 10, behaviour: page(LOGIN, "text/html"), outcome: /^no_samples$/ },
  { name: "reset", count: 20, behaviour: { kind: "reset" }, outcome: /^connection_reset$/ },
  {
    name: "error",
    count: 20,
    behaviour: { kind: "page", body: PAGE, status: 500 },
    outcome: /^http_status$/,
  },
  {
    name: "endless",
    count: 1,
    behaviour: { kind: "endless" },
    outcome: /^(total_timeout|body_limit|sample_limit)$/,
  },
];
const HEALTHY = 200 - FAULTY.reduce((sum, { count }) => sum + count, 0);

/** The endless page makes some 9 MB of points a second, more than the stand-in reads for three minutes beside it. */
const LEFT_OUT = SECONDS > 60 ? 'metric_name_filter_ignore = ["endless"]\n' : "";

function dropIn(name: string, url: string): string {
  return `[[inputs.prom]]\nurls = ["${url}"]\nsource = "${name}"\ninterval = "${INTERVAL_MS}ms"\ntimeout = "1500ms"\n${LEFT_OUT}`;
}

test(
  `200 targets of which 81 misbehave, for ${SECONDS} s`,
  async () => {
    const groups = [...FAULTY, { name: "healthy", count: HEALTHY, behaviour: page(PAGE) }];
    const targets = await TargetServer.start();
    const names = groups.flatMap((group) =>
      Array.from({ length: group.count }, (_, i) => {
        targets.set(`/${group.name}-${i}`, group.behaviour);
        return `${group.name}-${i}`;
      }),
    );
    let requests = 0;
    const dataway = await Dataway.start({
      keep: (point) => {
        requests += point.measurement === "requests" ? 1 : 0;
        return isUp(point);
      },
    });
    const agent = await AgentProcess.start({
      conf: {
        "faults.conf": names.map((name) => dropIn(name, targets.url(`/${name}`))).join("\n"),
      },
      env: { ENV_DATAWAY: dataway.url, ENV_IO_FLUSH_INTERVAL: "1s" },
    });
    const resident: number[] = [];
    for (let second = 0; second < SECONDS; second += 1) {
      await delay(1000);
      resident.push(agent.memory().resident);
    }

    const rows = await agent.targets();
    for (const { name, count, outcome: expected } of FAULTY) {
      const outcomes = rows
        .filter(({ source }) => source.startsWith(`${name}-`))
        .map(({ outcome }) => outcome ?? "none");
      expect(outcomes, name).toHaveLength(count);
      expect(outcomes.filter((found) => !expected.test(found))).toEqual([]);
    }
    expect(
      rows.filter(
        ({ source, missedTicks }) => /^healthy/.test(source) && Object.keys(missedTicks)[0],
      ),
    ).toEqual([]);
    expect(await agent.stop()).toMatchObject({ code: 0 });

    const ups = Map.groupBy(dataway.points().filter(isUp), ({ tags }) => tags.get("job") ?? "");
    const healthy = names.filter((name) => name.startsWith("healthy-"));
    expect(healthy.flatMap((name) => tickFaults(name, ups.get(name) ?? []))).toEqual([]);
    const scrapes = healthy.reduce((sum, name) => sum + (ups.get(name)?.length ?? 0), 0);
    expect(requests).toBe(scrapes * 200);
    process.stdout.write(`${report(resident, rows, scrapes)}\n`);
    expect(memoryFaults(resident)).toEqual([]);
    expect(dataway.violations).toEqual([]);
  },
  (SECONDS + 60) * 1000,
);

/** What the run measured, for a person. */
function report(
  resident: readonly number[],
  rows: readonly AgentTarget[],
  scrapes: number,
): string {
  const step = Math.max(1, Math.floor(resident.length / 12));
  const memory = resident
    .filter((_, at) => at % step === step - 1)
    .map((one) => Math.round(one / MIB));
  const missed = rows.filter(({ missedTicks }) => Object.keys(missedTicks).length > 0);
  const named = missed.map(({ source, missedTicks }) => `${source} ${JSON.stringify(missedTicks)}`);
  return `${scrapes} healthy scrapes; resident MiB: ${memory.join(" ")}; missed ticks: ${named.join(", ") || "none"}`;
}

/** The opening scrape comes at any time; from then on each tick is one interval after the last, and each has `up` 1. */
function tickFaults(name: string, ups: readonly Point[]): readonly string[] {
  const faults = ups
    .filter(({ fields }) => String(fields.get("up")?.value) !== "1")
    .map(() => `${name}: down`);
  const times = ups.map(({ time }) => Number((time ?? 0n) / 1_000_000n)).sort((a, b) => a - b);
  const grid = times.slice(1);
  const gaps = grid.slice(1).map((time, index) => time - (grid[index] ?? 0));
  const least = Math.floor((SECONDS * 1000) / INTERVAL_MS) - 1;
  if (times.length < least) {
    faults.push(`${name}: ${times.length} scrapes, at least ${least} were due`);
  }
  return [
    ...faults,
    ...gaps.filter((gap) => gap !== INTERVAL_MS).map((gap) => `${name}: ${gap} ms`),
  ];
}

/** Resident memory once a second: flat from the middle third to the last one, and bounded. */
function memoryFaults(resident: readonly number[]): readonly string[] {
  const third = Math.floor(resident.length / 3);
  const middle = mean(resident.slice(third, 2 * third));
  const last = mean(resident.slice(2 * third));
  const faults: string[] = [];
  if (last > middle * 1.15 + 16 * MIB) {
    faults.push(`grew from ${Math.round(middle / MIB)} to ${Math.round(last / MIB)} MiB`);
  }
  if (Math.max(...resident) > 400 * MIB) {
    faults.push(`${Math.round(Math.max(...resident) / MIB)} MiB`);
  }
  return faults;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
