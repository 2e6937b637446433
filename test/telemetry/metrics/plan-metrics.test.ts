import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { PlanMetrics } from "../../../src/telemetry/metrics/plan-metrics.ts";
import { samplesOf } from "./registry-samples.ts";

test("the plan is told by part, and changes by direction", async () => {
  const registry = new Registry();
  const metrics = new PlanMetrics([registry], () => ({
    lanes: 2,
    lanesAtMost: 3,
    bytes: { limit: 100, replay: 40 },
  }));
  metrics.recordChange("more");
  metrics.recordChange("more");
  metrics.recordChange("fewer");
  expect(await samplesOf(registry)).toEqual([
    "promline_lanes 2",
    "promline_lanes_most 3",
    'promline_memory_plan_bytes{part="limit"} 100',
    'promline_memory_plan_bytes{part="replay"} 40',
    'promline_lane_changes_total{direction="more"} 2',
    'promline_lane_changes_total{direction="fewer"} 1',
  ]);
});
