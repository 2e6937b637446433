import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { registerProcessMetrics } from "../../../src/telemetry/metrics/process-metrics.ts";

test("what a dashboard for processes looks for is there, and CPU time goes up", async () => {
  const registry = new Registry();
  registerProcessMetrics([registry]);
  const read = async (name: string) =>
    Number(new RegExp(`^${name} (.+)$`, "m").exec(await registry.metrics())?.[1]);
  const before = await read("process_cpu_seconds_total");
  for (const until = performance.now() + 20; performance.now() < until; );
  expect(await read("process_cpu_seconds_total")).toBeGreaterThan(before);
  expect(await read("process_cpu_seconds_total")).toBeLessThanOrEqual(
    (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
  );
  expect(await read("process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
  expect(await read("nodejs_heap_size_used_bytes")).toBeGreaterThan(1_000_000);
  expect(await read("nodejs_external_memory_bytes")).toBeGreaterThan(0);
  expect(
    Math.abs((await read("process_start_time_seconds")) - (Date.now() / 1000 - process.uptime())),
  ).toBeLessThan(1);
  expect(await read("process_open_fds")).toBeGreaterThan(2);
});
