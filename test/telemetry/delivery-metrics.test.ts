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
  delivery.recordSent(amount(4));
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
});

test("queues are read anew each time", async () => {
  const { delivery, read } = metrics();
  const waiting = [amount(3)];
  delivery.watchQueues(() => waiting);
  expect(await read(`promline_delivery_queued_points{${LABELS}}`)).toBe(3);
  waiting.pop();
  expect(await read(`promline_delivery_queued_points{${LABELS}}`)).toBeNaN();
});

test("attempts by result, with their bytes and time", async () => {
  const { delivery, read } = metrics();
  delivery.recordAttempt("dataway", "http_503", 100, 250);
  delivery.recordAttempt("dataway", "accepted", 100, 750);
  const one = 'destination="dataway"';
  expect(await read(`promline_delivery_attempts_total{${one},result="http_503"}`)).toBe(1);
  expect(await read(`promline_delivery_attempts_total{${one},result="accepted"}`)).toBe(1);
  expect(await read(`promline_delivery_wire_bytes_total{${one}}`)).toBe(200);
  expect(await read(`promline_delivery_attempt_seconds_total{${one}}`)).toBe(1);
});
