import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, type TestContext, test } from "vitest";
import { Child } from "../support/child.ts";
import { startNodeExporter, startPrometheus } from "../support/exporters.ts";
import { freePort } from "../support/free-port.ts";
import { readLineProtocol } from "../support/line-protocol.ts";
import { readMetrics } from "../support/metrics-page.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";
import { requireService } from "../support/services.ts";
import { page, TargetServer } from "../support/targets.ts";
import { until } from "../support/until.ts";

const PROMLINE = fileURLToPath(new URL("../../bin/promline", import.meta.url));

/** Every action of Prometheus 2.42, on what both pages have. */
const RULES = `
- source_labels: [__name__]
  regex: go_(gc|memstats)_.*|node_scrape_.+
  action: drop
- source_labels: [__name__]
  regex: (go|process|prometheus|promhttp|node)_.*
  action: keep
- source_labels: [__name__, le]
  regex: .*_bucket;(1|10|\\+Inf)
  target_label: bucket
  replacement: b_$1
- source_labels: [__name__]
  regex: process_(.+)
  target_label: __name__
  replacement: proc_$1
- action: labelmap
  regex: (handler|device)
  replacement: copied_$1
- action: labeldrop
  regex: handler|nosuch.*
- source_labels: [copied_handler, code, device]
  separator: "|"
  action: hashmod
  modulus: 7
  target_label: shard
- source_labels: [mode]
  action: uppercase
  target_label: mode
- source_labels: [shard]
  regex: "[12]"
  action: drop
- source_labels: [nosuch]
  target_label: nosuch_either
  action: keepequal
- source_labels: [__name__]
  target_label: mode
  action: dropequal
- source_labels: [code]
  target_label: code
  action: lowercase
- regex: __name__|le|bucket|copied_.*|shard|mode|quantile|cpu|code|version|fstype
  action: labelkeep
`;

for (const [name, start] of [
  ["prometheus", startPrometheus],
  ["node-exporter", startNodeExporter],
] as const) {
  test(`the rules make of ${name}'s page what Prometheus makes of it`, async (context) => {
    const exporter = await start(context);
    const body = await (await fetch(exporter.metricsUrl)).text();
    // As it is at one moment: both read the same bytes.
    const targets = await TargetServer.start({ "/metrics": page(body) });
    const folder = scratchDirectory("parity");
    const theirs = await prometheusSeries(context, targets, folder);
    const ours = await promlineSeries(targets, folder);
    expect(ours).toEqual(theirs);
    expect(ours.length).toBeGreaterThan(50);
  });
}

/** The series of the last scrape, from Prometheus' federation. */
async function prometheusSeries(
  context: TestContext,
  targets: TargetServer,
  folder: string,
): Promise<readonly string[]> {
  const program = requireService(context, "prometheus");
  const address = `127.0.0.1:${await freePort()}`;
  const config = join(folder, "prometheus.yml");
  const rules = RULES.replaceAll("\n", "\n      ");
  writeFileSync(
    config,
    [
      "global: { scrape_interval: 1s }",
      "scrape_configs:",
      "  - job_name: dropped_job",
      "    honor_labels: true",
      `    static_configs: [{ targets: ["${targets.address}"] }]`,
      `    metric_relabel_configs:${rules}`,
    ].join("\n"),
  );
  const child = new Child(program, [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, "tsdb")}`,
    `--web.listen-address=${address}`,
  ]);
  const match = encodeURIComponent('{__name__=~".+"}');
  const text = await until("Prometheus' first scrape", 30_000, async () => {
    child.throwIfEnded();
    const answer = await fetch(`http://${address}/federate?match[]=${match}`);
    const federated = await answer.text();
    return /^(?!up|scrape_)[a-z]/m.test(federated) ? federated : undefined;
  });
  // Federation adds the time of each sample, and the labels of the target.
  const samples = readMetrics(text.replace(/ \d+$/gm, ""));
  return samples
    .filter((sample) => !/^(up|scrape_)/.test(sample.name) && !Number.isNaN(sample.value))
    .map(({ name, labels }) => seriesText(name, labels))
    .sort();
}

/** The series of `promline once`: each field of each point, under its own name. */
async function promlineSeries(targets: TargetServer, folder: string): Promise<readonly string[]> {
  writeFileSync(join(folder, "rules.yml"), RULES);
  const conf = join(folder, "x.conf");
  writeFileSync(
    conf,
    [
      "[[inputs.prom]]",
      `urls = ["${targets.url("/metrics")}"]`,
      'measurement_name = "m"',
      'relabel_config_file = "rules.yml"',
      "disable_host_tag = true",
      "disable_instance_tag = true",
    ].join("\n"),
  );
  const child = new Child(PROMLINE, ["once", conf]);
  const { code } = await child.exited;
  expect(code, child.report).toBe(0);
  const all = readLineProtocol(child.stdout).flatMap(({ tags, fields }) =>
    [...fields.keys()].map((field) => seriesText(field, Object.fromEntries(tags))),
  );
  // Where rules make one series of several, Prometheus' storage keeps one sample.
  return [...new Set(all)].sort();
}

/** Numbers of `le` and `quantile` by value: each side prints them in its own way. */
function seriesText(name: string, labels: Readonly<Record<string, string>>): string {
  const shown = Object.entries(labels)
    .filter(([label]) => label !== "job" && label !== "instance")
    .map(([label, value]) => {
      const number = /^(le|quantile)$/.test(label) && value !== "+Inf" ? Number(value) : value;
      return `${label}=${JSON.stringify(String(number))}`;
    });
  return `${name}{${shown.sort().join(",")}}`;
}
