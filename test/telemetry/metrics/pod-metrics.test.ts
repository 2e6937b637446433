import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { PodMetrics } from "../../../src/telemetry/metrics/pod-metrics.ts";

test("numbers are those of the moment", async () => {
  const registry = new Registry();
  let lists = 1;
  const metrics = new PodMetrics([registry], () => ({
    pods: 3,
    targets: 2,
    synced: true,
    silentMs: lists === 1 ? undefined : 1500,
    lists,
    watches: 4,
    events: 5,
    faults: { gone: 2 },
  }));
  metrics.recordRefusal("loopback");
  expect(await registry.metrics()).toContain("promline_kubernetes_silence_seconds -1");
  lists = 2;
  const page = await registry.metrics();
  for (const line of [
    'promline_annotation_refusals_total{rule="loopback"} 1',
    "promline_kubernetes_pods 3",
    "promline_kubernetes_targets 2",
    "promline_kubernetes_synced 1",
    "promline_kubernetes_silence_seconds 1.5",
    "promline_kubernetes_lists_total 2",
    "promline_kubernetes_watches_total 4",
    "promline_kubernetes_events_total 5",
    'promline_kubernetes_faults_total{reason="gone"} 2',
  ]) {
    expect(page).toContain(`${line}\n`);
  }
});
