import { expect, test } from "vitest";
import { AgentProcess } from "../support/agent-process.ts";
import { Dataway } from "../support/dataway.ts";
import { KubeApi } from "../support/kube-api.ts";
import { kubeconfigFor } from "../support/kubeconfig.ts";
import { page, TargetServer } from "../support/targets.ts";
import { until } from "../support/until.ts";

const META = "__meta_kubernetes_pod_";

/** Pods of this test are on loopback, which the sandbox refuses unless it is told. */
const CONFIG = `
[kubernetes]
allow_addresses = ["127.0.0.1"]

[[relabel_configs]]
action = "drop"
source_labels = ["${META}label_scrape"]
regex = "never"

[[relabel_configs]]
source_labels = ["${META}controller_name"]
target_label = "workload"

[[relabel_configs]]
source_labels = ["${META}annotation_example_com_at"]
regex = "(.+)"
target_label = "__address__"

[[relabel_configs]]
target_label = "__metrics_path__"
replacement = "/moved"
`;

test("pods pass the rules of the agent, and their authors' labels choose no address", async () => {
  const api = await KubeApi.start();
  const dataway = await Dataway.start();
  const [good, forbidden] = [
    await TargetServer.start({ "/moved": page("a_b 1\n") }),
    await TargetServer.start({ "/moved": page("stolen 1\n") }),
  ];
  const instances = `[[inputs.prom]]\nurl = "${good.url("/metrics")}"\ninterval = "1s"\n`;
  const put = (name: string, more: object, annotations: Readonly<Record<string, string>> = {}) =>
    api.store.put({
      name,
      ips: ["10.1.0.1"],
      annotations: { "datakit/prom.instances": instances, ...annotations },
      ...more,
    });
  put("kept", { owner: "DaemonSet/web" });
  put("dropped", { labels: { scrape: "never" } });
  const { host } = new URL(forbidden.url("/"));
  put("attack", {}, { "example.com/at": host.replace("127.0.0.1", "localhost") });
  const env = {
    KUBECONFIG: kubeconfigFor(api),
    ENV_K8S_NODE_NAME: "node-1",
    ENV_DATAWAY: dataway.url,
    ENV_IO_FLUSH_INTERVAL: "1s",
  };
  const agent = await AgentProcess.start({ conf: {}, env, config: CONFIG });
  const ask = async (path: string) => (await fetch(`${agent.admin}${path}`)).json();
  const [point] = await until("a point", 15_000, () =>
    dataway.points().length > 0 ? dataway.points() : undefined,
  );
  expect(Object.fromEntries(point?.tags ?? [])).toMatchObject({ workload: "web" });
  expect(await ask("/api/v1/targets")).toMatchObject({
    data: {
      activeTargets: [
        {
          scrapeUrl: good.url("/moved"),
          discoveredLabels: {
            __metrics_path__: "/metrics",
            [`${META}controller_name`]: "web",
          },
        },
      ],
      droppedTargets: [{ discoveredLabels: { [`${META}label_scrape`]: "never" } }],
    },
  });
  expect(await agent.refusals()).toMatchObject([{ pod: "attack", rule: "host_name" }]);
  expect(await ask("/api/v1/relabel?source=default/dropped")).toMatchObject({
    data: [{ declaredAt: { file: "pod default/dropped" }, series: 1, kept: 0 }],
  });
  expect([good.hits("/metrics"), forbidden.hits("/moved")]).toEqual([[], []]);
  expect(api.violations).toEqual([]);
});
