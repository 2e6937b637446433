import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { type DeliveryAmount, DeliveryMetrics } from "../../src/telemetry/delivery-metrics.ts";

const LABELS = 'destination="dataway",category="metric"';
const amount = (points: number): DeliveryAmount => ({
  destination: "dataway",
  category: "metric",
  points,
  samples: points * 2,
  rawBytes: points * 10,
});

function metrics() {
  const registry = new Registry();
  const delivery = new DeliveryMetrics([registry]);
  const read = async (series: string) =>
    Number(
      (await registry.metrics())
        .split("\n")
        .find((line) => line.startsWith(`${series} `))
        ?.split(" ")
        .at(-1),
    );
  return { delivery, read };
}

test("enqueued = sent + lost + queued, for points, samples and bytes", async () => {
  const { delivery, read } = metrics();
  delivery.watchQueues(() => [amount(3), amount(2)]);
  delivery.recordEnqueued(amount(10));
  delivery.recordSent({ ...amount(4), wireBytes: 7 });
  delivery.recordLost(amount(1), "rejected");
  for (const [unit, factor] of [
    ["points", 1],
    ["samples", 2],
    ["bytes", 10],
  ] as const) {
    const one = `promline_delivery_`;
    expect(await read(`${one}enqueued_${unit}_total{${LABELS}}`)).toBe(10 * factor);
    expect(await read(`${one}sent_${unit}_total{${LABELS}}`)).toBe(4 * factor);
    expect(await read(`${one}lost_${unit}_total{${LABELS},reason="rejected"}`)).toBe(factor);
    expect(await read(`${one}queued_${unit}{${LABELS}}`)).toBe(5 * factor);
  }
  expect(await read(`promline_delivery_wire_bytes_total{${LABELS}}`)).toBe(7);
});

test("queues are read anew each time", async () => {
  const { delivery, read } = metrics();
  const waiting = [amount(3)];
  delivery.watchQueues(() => waiting);
  expect(await read(`promline_delivery_queued_points{${LABELS}}`)).toBe(3);
  waiting.pop();
  expect(await read(`promline_delivery_queued_points{${LABELS}}`)).toBeNaN();
});

test("retries by reason", async () => {
  const { delivery, read } = metrics();
  delivery.recordRetry("dataway", "http_503");
  expect(
    await read('promline_delivery_retries_total{destination="dataway",reason="http_503"}'),
  ).toBe(1);
});
