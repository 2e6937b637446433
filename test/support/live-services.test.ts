import { expect, test } from "vitest";
import { EtcdServer } from "./etcd-server.ts";
import { startNodeExporter, startPrometheus, startVictoriaMetrics } from "./exporters.ts";
import { InfluxServer } from "./influx-server.ts";
import { readLineProtocol } from "./line-protocol.ts";
import { readMetrics } from "./metrics-page.ts";
import { comparePoints } from "./point-comparison.ts";

test("etcd lets in clients of its authority only, and a new authority keeps the old ones out", async (context) => {
  const etcd = await EtcdServer.start(context);
  const old = etcd.clients.issue("old");
  const expired = etcd.clients.issue("expired", { expired: true });
  expect(await etcd.read("/metrics", old)).toContain("etcd_server_has_leader 1");
  await expect(etcd.read("/metrics", expired)).rejects.toThrow();
  await etcd.replaceClientAuthority();
  await expect(etcd.read("/metrics", old)).rejects.toThrow();
  expect(await etcd.read("/metrics", etcd.clients.issue("new"))).toContain(
    "etcd_server_has_leader 1",
  );
});

for (const [name, start, expected] of [
  ["prometheus", startPrometheus, "prometheus_build_info"],
  ["node-exporter", startNodeExporter, "node_boot_time_seconds"],
  ["victoria-metrics", startVictoriaMetrics, "vm_rows"],
] as const) {
  test(`the page of ${name} is one a plain reader reads`, async (context) => {
    const exporter = await start(context);
    const samples = readMetrics(await (await fetch(exporter.metricsUrl)).text());
    expect(samples.map((sample) => sample.name)).toContain(expected);
  });
}

test("influxd gives back what was written, bit for bit", async (context) => {
  const influx = await InfluxServer.start(context);
  const lines = [
    String.raw`m\ 1,a=x\,y,b=\=z f=0.1,g=-0 1700000000000000001`,
    "m2 f=5e-324,g=1.7976931348623157e308,i=9223372036854775807i 1700000000000000002",
    'm2,k=v s="a\\"b",t=true 1700000000000000003',
    "",
  ].join("\n");
  expect((await influx.write(lines)).status).toBe(204);
  expect(comparePoints(await influx.points(), readLineProtocol(lines))).toEqual({
    missing: [],
    unexpected: [],
  });
});
