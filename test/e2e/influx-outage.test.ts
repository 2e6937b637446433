import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { AgentProcess } from "../support/agent-process.ts";
import { influxDestination } from "../support/agent-settings.ts";
import { InfluxServer } from "../support/influx-server.ts";
import { metricSum } from "../support/metrics-page.ts";
import { TargetServer } from "../support/targets.ts";
import { until } from "../support/until.ts";

const SERIES = 500;
const OUTAGES = ["SIGTERM", "SIGKILL"] as const;

function pageOf(scrape: number): string {
  const lines = Array.from({ length: SERIES }, (_, i) => `load_now{series="${i}"} ${scrape}\n`);
  return `# TYPE load_now gauge\n${lines.join("")}`;
}

test("InfluxDB is stopped and killed under load, and every point is there at the end", async (context) => {
  const influx = await InfluxServer.start(context);
  let scrapes = 0;
  const read = async () => {
    scrapes += 1;
    return pageOf(scrapes);
  };
  const targets = await TargetServer.start({ "/load": { kind: "relay", read, record: [] } });
  const agent = await AgentProcess.start({
    conf: { "load.conf": `[[inputs.prom]]\nurls = ["${targets.url("/load")}"]\ninterval = "1s"\n` },
    env: { ENV_IO_FLUSH_INTERVAL: "1s" },
    config: influxDestination(influx.url, influx.database),
  });
  for (const signal of OUTAGES) {
    await delay(3_000);
    await influx.stop(signal);
    await delay(5_000);
    await influx.startAgain();
  }
  const last = scrapes;
  await until("what waited", 60_000, async () => {
    const queued = metricSum(await agent.metrics(), "promline_delivery_queued_points");
    return scrapes > last + 1 && queued <= 2 * (SERIES + 10) ? true : undefined;
  });
  expect(await agent.stop()).toMatchObject({ code: 0 });

  const stored = new Map<number, Set<string>>();
  for (const { measurement, tags, fields } of await influx.points()) {
    const field = fields.get("now");
    if (measurement === "load" && field?.type === "float") {
      const series = stored.get(field.value) ?? new Set();
      stored.set(field.value, series.add(tags.get("series") ?? ""));
    }
  }
  // The scrape that stopping interrupts may have been answered and not delivered.
  const expected = Array.from({ length: scrapes - 1 }, (_, index) => [index + 1, SERIES]);
  expect(expected.map(([scrape]) => [scrape, stored.get(scrape ?? 0)?.size])).toEqual(expected);
}, 120_000);
