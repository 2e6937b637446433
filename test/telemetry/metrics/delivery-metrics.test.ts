import { Registry } from "prom-client";
import { expect, test } from "vitest";
import {
  type DeliveryLedger,
  DeliveryMetrics,
} from "../../../src/telemetry/metrics/delivery-metrics.ts";

const LABELS = 'destination="dataway",category="metric"';
const amount = (points: number) => ({ points, samples: points * 2, bytes: points * 10 });
const LEDGER: DeliveryLedger = {
  destination: "dataway",
  category: "metric",
  offered: amount(9),
  recovered: amount(1),
  sent: amount(4),
  queued: amount(5),
  aside: { bodies: 1, tally: amount(2) },
  lost: { rejected: amount(1) },
};

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

test("enqueued + recovered = sent + lost + queued, for points, samples and bytes", async () => {
  const { delivery, read } = metrics();
  delivery.watch(() => [LEDGER]);
  for (const [unit, factor] of [
    ["points", 1],
    ["samples", 2],
    ["bytes", 10],
  ] as const) {
    const one = `promline_delivery_`;
    expect(await read(`${one}enqueued_${unit}_total{${LABELS}}`)).toBe(9 * factor);
    expect(await read(`${one}recovered_${unit}_total{${LABELS}}`)).toBe(factor);
    expect(await read(`${one}sent_${unit}_total{${LABELS}}`)).toBe(4 * factor);
    expect(await read(`${one}lost_${unit}_total{${LABELS},reason="rejected"}`)).toBe(factor);
    expect(await read(`${one}queued_${unit}{${LABELS}}`)).toBe(5 * factor);
  }
});

test("the books are read anew each time", async () => {
  const { delivery, read } = metrics();
  const books = [LEDGER];
  delivery.watch(() => books);
  expect(await read(`promline_delivery_queued_points{${LABELS}}`)).toBe(5);
  expect(await read(`promline_delivery_aside_bodies{${LABELS}}`)).toBe(1);
  expect(await read(`promline_delivery_aside_points{${LABELS}}`)).toBe(2);
  expect(await read(`promline_delivery_sent_points_total{${LABELS}}`)).toBe(4);
  books[0] = { ...LEDGER, sent: amount(9), queued: amount(0) };
  expect(await read(`promline_delivery_queued_points{${LABELS}}`)).toBe(0);
  expect(await read(`promline_delivery_sent_points_total{${LABELS}}`)).toBe(9);
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
