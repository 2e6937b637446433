import { join } from "node:path";
import { expect, test } from "vitest";
import { AgentProcess } from "../support/agent-process.ts";
import { influxDestination } from "../support/agent-settings.ts";
import { installPair } from "../support/certificates.ts";
import { EtcdServer } from "../support/etcd-server.ts";
import { startNodeExporter, startPrometheus, startVictoriaMetrics } from "../support/exporters.ts";
import { InfluxServer } from "../support/influx-server.ts";
import type { Point } from "../support/line-protocol.ts";
import { type PlainRules, plainPoints, splitAtFirstUnderscore } from "../support/plain-rules.ts";
import { comparePoints } from "../support/point-comparison.ts";
import { byTime, withoutTime, withTags } from "../support/point-selection.ts";
import { TargetServer } from "../support/targets.ts";
import { until } from "../support/until.ts";

const EVERYTHING: PlainRules = {
  types: ["counter", "gauge", "histogram", "summary", "untyped"],
  names: [],
  tagsIgnore: [],
  tags: {},
  name: splitAtFirstUnderscore,
};

/** Tags the agent and the drop-ins add, which the pages do not have. */
const ADDED_TAGS = new Set(["host", "instance", "page", "route"]);

/** `le` and `quantile` are printed anew by the agent: compared as the numbers they are. */
function comparable(points: readonly Point[]): readonly Point[] {
  return points.map((point) => ({
    ...point,
    tags: new Map(
      [...point.tags]
        .filter(([key]) => !ADDED_TAGS.has(key))
        .map(([key, value]) => [key, key === "le" || key === "quantile" ? number(value) : value]),
    ),
  }));
}

function number(text: string): string {
  return text === "+Inf" ? "Infinity" : String(Number(text));
}

function dropIn(page: string, route: string, url: string, more = ""): string {
  return `[[inputs.prom]]
  urls = ["${url}"]
  source = "${page}-${route}"
  interval = "2s"
${more}
  [inputs.prom.tags]
    page = "${page}"
    route = "${route}"
`;
}

test("live pages reach InfluxDB, and every series reads back with equal bits", async (context) => {
  const influx = await InfluxServer.start(context);
  const etcd = await EtcdServer.start(context);
  const pair = { cert: join(etcd.directory, "peer.crt"), key: join(etcd.directory, "peer.key") };
  installPair(etcd.clients.issue("agent"), pair);
  const plain = {
    prometheus: (await startPrometheus(context)).metricsUrl,
    node: (await startNodeExporter(context)).metricsUrl,
    victoria: (await startVictoriaMetrics(context)).metricsUrl,
  };
  const readers: Record<string, () => Promise<string>> = {
    etcd: () => etcd.read("/metrics"),
    ...Object.fromEntries(
      Object.entries(plain).map(([page, url]) => [page, async () => (await fetch(url)).text()]),
    ),
  };
  // Each page is scraped twice: directly, and through a relay that keeps the very bytes that were scraped.
  const relay = await TargetServer.start();
  const records = new Map<string, { at: number; page: string }[]>();
  for (const [page, read] of Object.entries(readers)) {
    const record: { at: number; page: string }[] = [];
    records.set(page, record);
    relay.set(`/${page}`, { kind: "relay", read, record });
  }
  const mtls = `  tls_open = true\n  tls_cert = "${pair.cert}"\n  tls_key = "${pair.key}"`;
  const conf = [
    dropIn("etcd", "direct", `${etcd.url}/metrics`, mtls),
    ...Object.entries(plain).map(([page, url]) => dropIn(page, "direct", url)),
    ...Object.keys(readers).map((page) => dropIn(page, "relayed", relay.url(`/${page}`))),
  ].join("\n");
  const agent = await AgentProcess.start({
    conf: { "live.conf": conf },
    env: { ENV_IO_FLUSH_INTERVAL: "1s" },
    config: influxDestination(influx.url, influx.database),
  });
  await until("three scrapes of each page", 30_000, () =>
    [...records.values()].every(({ length }) => length >= 3) ? true : undefined,
  );
  expect(await agent.stop()).toMatchObject({ code: 0 });

  const stored = await influx.points();
  for (const [page, record] of records) {
    const relayed = byTime(withTags(stored, { page, route: "relayed" }));
    // The scrape that stopping interrupts may have been answered and not delivered.
    expect(relayed.length).toBeGreaterThanOrEqual(record.length - 1);
    expect(relayed.length).toBeGreaterThanOrEqual(2);
    for (const [index, [, points]] of relayed.entries()) {
      const expected = plainPoints(record[index]?.page ?? "", EVERYTHING);
      const actual = comparable(withoutTime(points));
      const difference = comparePoints(actual, comparable(expected), "samples");
      expect(difference, `scrape ${index} of ${page}`).toEqual({ missing: [], unexpected: [] });
    }
    // What the first relayed scrape saw, a later direct one sees too; pages of running programs grow.
    const direct = fieldNames(withTags(stored, { page, route: "direct" }));
    const first = fieldNames(plainPoints(record[0]?.page ?? "", EVERYTHING));
    expect([...first].filter((name) => !direct.has(name))).toEqual([]);
  }
}, 120_000);

function fieldNames(points: readonly Point[]): ReadonlySet<string> {
  return new Set(points.flatMap(({ fields }) => [...fields.keys()]));
}
