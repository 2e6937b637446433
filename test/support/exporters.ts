import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { Child } from "./child.ts";
import { freePort } from "./free-port.ts";
import { scratchDirectory } from "./scratch-directory.ts";
import { requireService } from "./services.ts";
import { until } from "./until.ts";

/** A running program whose metrics can be scraped. It is stopped when the test ends. */
export interface Exporter {
  /** `127.0.0.1:port` */
  readonly address: string;
  readonly metricsUrl: string;
  readonly child: Child;
}

/** Prometheus, scraping itself every second. */
export async function startPrometheus(context: TestContext): Promise<Exporter> {
  const program = requireService(context, "prometheus");
  const directory = scratchDirectory("prometheus");
  const address = `127.0.0.1:${await freePort()}`;
  const config = join(directory, "prometheus.yml");
  writeFileSync(
    config,
    [
      "global: { scrape_interval: 1s }",
      "scrape_configs:",
      "  - job_name: prometheus",
      `    static_configs: [{ targets: ["${address}"] }]`,
      "",
    ].join("\n"),
  );
  return start(program, address, [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(directory, "tsdb")}`,
    `--web.listen-address=${address}`,
  ]);
}

export async function startNodeExporter(context: TestContext): Promise<Exporter> {
  const program = requireService(context, "prometheus-node-exporter");
  const address = `127.0.0.1:${await freePort()}`;
  return start(program, address, [`--web.listen-address=${address}`]);
}

/** VictoriaMetrics, one node. It also takes InfluxDB's `/write`. */
export async function startVictoriaMetrics(context: TestContext): Promise<Exporter> {
  const program = requireService(context, "victoria-metrics");
  const directory = scratchDirectory("victoria-metrics");
  const address = `127.0.0.1:${await freePort()}`;
  return start(program, address, [
    `-httpListenAddr=${address}`,
    `-storageDataPath=${directory}`,
    "-retentionPeriod=1",
  ]);
}

async function start(program: string, address: string, args: readonly string[]): Promise<Exporter> {
  const child = new Child(program, args);
  const metricsUrl = `http://${address}/metrics`;
  await until(`${program} to answer`, 30_000, async () => {
    child.throwIfEnded();
    const answer = await fetch(metricsUrl, { signal: AbortSignal.timeout(2000) });
    return (await answer.text()) !== "" && answer.status === 200 ? true : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${child.report}`);
  });
  return { address, metricsUrl, child };
}
