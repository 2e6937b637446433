import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { type QueueAmounts, QueueMetrics } from "../../../src/telemetry/metrics/queue-metrics.ts";
import { samplesOf } from "./registry-samples.ts";

const AMOUNTS: QueueAmounts = {
  writes: true,
  diskBytes: 5,
  diskLimit: 50,
  fullInMs: 1500,
  bodiesOnlyInMemory: 2,
  afterCrash: false,
  damagedRecords: 3,
};

function watching(amounts: QueueAmounts | undefined): Promise<string[]> {
  const registry = new Registry();
  new QueueMetrics([registry]).watch(() => amounts);
  return samplesOf(registry);
}

test("without a disk queue there are no values", async () => {
  expect(await watching(undefined)).toEqual([]);
});

test("each amount has its gauge", async () => {
  expect(await watching(AMOUNTS)).toEqual([
    "promline_queue_writable 1",
    "promline_queue_disk_bytes 5",
    "promline_queue_disk_limit_bytes 50",
    "promline_queue_full_in_seconds 1.5",
    "promline_queue_after_crash 0",
    "promline_queue_damaged_records 3",
    "promline_queue_memory_only_bodies 2",
  ]);
});

test("a queue that does not grow is never full", async () => {
  const samples = await watching({ ...AMOUNTS, writes: false, fullInMs: Infinity });
  expect(samples).toContain("promline_queue_full_in_seconds +Inf");
  expect(samples).toContain("promline_queue_writable 0");
});
