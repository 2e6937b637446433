import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { ClockReporter } from "../../src/agent/clock-reporter.ts";
import { ShiftedClock } from "../../src/agent/shifted-clock.ts";
import type { Log } from "../../src/telemetry/log/log.ts";
import { ClockMetrics } from "../../src/telemetry/metrics/clock-metrics.ts";
import { SteppingClock } from "./schedule/stepping-clock.ts";

function reporting() {
  const said: string[] = [];
  const say = (level: string) => (_fields: object, text: string) => said.push(`${level} ${text}`);
  const log = { info: say("info"), warn: say("warn") } as unknown as Log;
  const registry = new Registry();
  const clock = new ShiftedClock(new SteppingClock(1000));
  const reporter = new ClockReporter(clock, new ClockMetrics([registry]), log);
  const page = async () =>
    (await registry.metrics()).split("\n").filter((line) => /^promline/.test(line));
  return { said, clock, reporter, page };
}

test("a shift moves the time of day, not the passing of time, and is told", async () => {
  const { said, clock, reporter, page } = reporting();
  expect(await page()).toEqual(["promline_clock_shift_seconds 0"]);
  reporter.read("dw", 90_300);
  reporter.shifted("dw", 90_000);
  expect([clock.now(), clock.monotonic()]).toEqual([91_000, 0]);
  expect(await page()).toEqual([
    "promline_clock_shift_seconds 90",
    "promline_clock_offset_seconds 90.3",
    'promline_clock_reads_total{result="read"} 1',
  ]);
  reporter.shifted("dw", 0);
  expect(clock.now()).toBe(1000);
  expect(said).toEqual([
    "warn clock of this node is not DataWay's: times of scrapes are shifted",
    "info clock of this node agrees with DataWay's again",
  ]);
});

test("a reason is said once until it passes, and counted each time", async () => {
  const { said, reporter, page } = reporting();
  reporter.unread("dw", "absurd", "it says 0");
  reporter.unread("dw", "absurd", "it says 0");
  reporter.unread("dw", "timeout", "");
  reporter.read("dw", 0);
  reporter.read("dw", 0);
  expect(said).toEqual([
    "warn DataWay does not tell its time: times of scrapes stay as they are",
    "warn DataWay does not tell its time: times of scrapes stay as they are",
    "info DataWay tells its time again",
  ]);
  expect(await page()).toContain('promline_clock_reads_total{result="absurd"} 2');
});
