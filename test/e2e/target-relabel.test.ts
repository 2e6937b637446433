import { expect, test } from "vitest";
import { AgentProcess } from "../support/agent-process.ts";
import { page, TargetServer } from "../support/targets.ts";
import { until } from "../support/until.ts";

test("targets are relabeled before they are scraped, and the agent tells what rules did", async () => {
  const targets = await TargetServer.start({ "/moved": page("a_b 1\n") });
  const agent = await AgentProcess.start({
    conf: {
      "a.conf": `[[inputs.prom]]
urls = ["${targets.url("/metrics")}", "http://127.0.0.1:1/gone"]
source = "relabeled"
interval = "1s"
relabel_configs = [
  { action = "drop", source_labels = ["__metrics_path__"], regex = "/gone" },
  { target_label = "__metrics_path__", replacement = "/moved" },
]
`,
    },
    config:
      '[[relabel_configs]]\nsource_labels = ["__meta_filepath"]\nregex = ".*/(.+)[.]conf"\ntarget_label = "drop_in"\n',
  });
  const ask = async (path: string) => (await fetch(`${agent.admin}${path}`)).json();
  await until("a scrape", 10_000, () => targets.hits("/moved")[0]);
  const { data } = (await ask("/api/v1/targets")) as {
    data: { activeTargets: unknown[]; droppedTargets: unknown[]; droppedTargetCounts: unknown };
  };
  expect(data.activeTargets).toMatchObject([
    {
      scrapeUrl: targets.url("/moved"),
      labels: { drop_in: "a", job: "relabeled" },
      discoveredLabels: { __metrics_path__: "/metrics" },
    },
  ]);
  expect(data.droppedTargets).toMatchObject([
    { scrapePool: "relabeled", discoveredLabels: { __address__: "127.0.0.1:1" } },
  ]);
  expect(data.droppedTargetCounts).toEqual({ relabeled: 1 });
  expect(await ask("/api/v1/relabel")).toMatchObject({
    data: [{ source: "relabeled", series: 2, kept: 1, rules: [{ dropped: 1 }, {}, {}] }],
  });
  expect(targets.hits("/metrics")).toEqual([]);
});
