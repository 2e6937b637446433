import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { ClockMetrics } from "../../../src/telemetry/metrics/clock-metrics.ts";
import { samplesOf } from "./registry-samples.ts";

test("nothing is said of the offset before the first answer", async () => {
  const registry = new Registry();
  new ClockMetrics([registry]);
  expect(await samplesOf(registry)).toEqual(["promline_clock_shift_seconds 0"]);
});

test("milliseconds become seconds, and reads count by how they went", async () => {
  const registry = new Registry();
  const metrics = new ClockMetrics([registry]);
  metrics.recordRead(-1500);
  metrics.recordUnread("timeout");
  metrics.recordUnread("timeout");
  metrics.recordShift(-1500);
  expect(await samplesOf(registry)).toEqual([
    "promline_clock_shift_seconds -1.5",
    "promline_clock_offset_seconds -1.5",
    'promline_clock_reads_total{result="read"} 1',
    'promline_clock_reads_total{result="timeout"} 2',
  ]);
});
