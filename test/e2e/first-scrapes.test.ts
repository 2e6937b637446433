import { expect, test } from "vitest";
import { relabelRules } from "../../native-bench/workload/relabel-rules.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { page, TargetServer } from "../support/targets.ts";
import { until } from "../support/until.ts";

/** With PROMLINE_SOAK the size that users reported, which takes both cores and still misses a few ticks. */
const SIZE = process.env["PROMLINE_SOAK"]
  ? { targets: 50, lines: 5000, intervalS: 5 }
  : { targets: 20, lines: 2500, intervalS: 5 };

/** Lines as a sidecar has them: few label names, values that differ from target to target. */
function sidecarPage(target: number, lines: number): string {
  const out = ["# TYPE istio_requests_total counter"];
  for (let line = 0; line < lines; line++) {
    const labels = {
      reporter: "source",
      source_workload: `web-${target}`,
      source_workload_namespace: `ns-${line % 7}`,
      destination_workload: `reviews-${line}`,
      destination_workload_namespace: `ns-${line % 5}`,
      destination_service: `reviews-${line}.shop.svc.cluster.local`,
      destination_app: `Reviews-${line % 50}`,
      request_protocol: "http",
      response_code: String(200 + (line % 4) * 100),
      response_flags: "-",
      connection_security_policy: "mutual_tls",
    };
    const text = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
    out.push(`istio_requests_total{${text.join(",")}} ${line}`);
  }
  return `${out.join("\n")}\n`;
}

test.for([15, 1000])(
  "with %i rules no target misses a tick or a sample of its first pages",
  async (rules) => {
    const { targets: count, lines, intervalS } = SIZE;
    const paths = Array.from({ length: count }, (_, target) => `/t${target}`);
    const targets = await TargetServer.start(
      Object.fromEntries(paths.map((path, target) => [path, page(sidecarPage(target, lines))])),
    );
    const urls = JSON.stringify(paths.map((path) => targets.url(path)));
    const agent = await AgentProcess.start({
      conf: {
        "a.conf": `[[inputs.prom]]
urls = ${urls}
source = "first"
interval = "${intervalS}s"
relabel_config_file = "rules.yml"
`,
        "rules.yml": JSON.stringify({ metric_relabel_configs: relabelRules(rules) }),
      },
    });
    const seen = await until("three pages of each target", 10_000 * intervalS, async () => {
      const hits = paths.map((path) => targets.hits(path).length);
      return hits.every((number) => number >= 3) ? await agent.targets() : undefined;
    });
    const metrics = await agent.metrics();
    const failed = metrics.filter(
      ({ name, labels, value }) =>
        name === "promline_scrapes_total" && labels["outcome"] !== "ok" && value > 0,
    );
    expect(failed).toEqual([]);
    expect(seen.map(({ missedTicks }) => missedTicks)).toEqual(seen.map(() => ({})));
    expect(seen.map(({ counts }) => counts?.sent)).toEqual(seen.map(() => lines));
  },
);
