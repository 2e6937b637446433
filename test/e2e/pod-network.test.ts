import { expect, test } from "vitest";
import { AgentProcess } from "../support/agent-process.ts";
import { KubeApi } from "../support/kube-api.ts";
import { kubeconfigFor } from "../support/kubeconfig.ts";
import {
  ip,
  isInNamespace,
  noNamespaces,
  PodNamespace,
  runInNamespace,
} from "../support/network-namespace.ts";
import { page, TargetServer } from "../support/targets.ts";
import { until } from "../support/until.ts";

const POD = "10.244.1.7";
const NODE = "10.0.0.5";
/** What the API server calls the node; no interface of the agent's namespace has it. */
const HOST_IP = "10.0.0.6";
const ELSEWHERE = "192.0.2.9";
const PORT = 15_020;

const NAME = "auto asks this node's pods for identity, and others for gzip";

if (isInNamespace) {
  test(NAME, asksThePods);
} else {
  test(`${NAME}, on a network as pods have it`, (context) => {
    const why = noNamespaces();
    context.skip(why !== undefined, why);
    runInNamespace("test/e2e/pod-network.test.ts");
  });
}

async function asksThePods(): Promise<void> {
  ip("link", "set", "lo", "up");
  ip("addr", "add", `${NODE}/32`, "dev", "lo");
  const pod = await PodNamespace.start([POD, HOST_IP, ELSEWHERE], PORT);
  const own = await TargetServer.start({ "/m": page("up_time 1\n") }, { host: NODE, port: PORT });
  const api = await KubeApi.start();
  api.store.put({
    name: "annotated",
    ips: [POD],
    hostIp: HOST_IP,
    annotations: {
      "datakit/prom.instances": `[[inputs.prom]]\nurl = "http://$IP:${PORT}/pod"\ninterval = "1s"\n`,
    },
  });
  const conf = [POD, NODE, HOST_IP, ELSEWHERE].map(
    (host) => `[[inputs.prom]]\nurl = "http://${host}:${PORT}/m"\ninterval = "1s"\n`,
  );
  const agent = await AgentProcess.start({
    conf: { "all.conf": conf.join("") },
    env: { KUBECONFIG: kubeconfigFor(api), ENV_K8S_NODE_NAME: "node-1" },
  });
  const asked = (): Record<string, unknown> => ({
    pod: pod.last(POD),
    node: own.hits("/m").at(-1)?.headers["accept-encoding"],
    hostIp: pod.last(HOST_IP),
    elsewhere: pod.last(ELSEWHERE),
  });
  const wanted = { pod: "identity", node: "identity", hostIp: "identity", elsewhere: "gzip" };
  // conf.d is there before the pods are listed: until then a pod's address may be anywhere.
  await until("every target to be asked as it shall be", 20_000, () =>
    JSON.stringify(asked()) === JSON.stringify(wanted) ? true : undefined,
  ).catch(() => expect(asked()).toEqual(wanted));
  const shown = await agent.encodings();
  expect(shown).toEqual({
    [`http://${POD}:${PORT}/pod`]: "identity",
    [`http://${POD}:${PORT}/m`]: "identity",
    [`http://${NODE}:${PORT}/m`]: "identity",
    [`http://${HOST_IP}:${PORT}/m`]: "identity",
    [`http://${ELSEWHERE}:${PORT}/m`]: "gzip",
  });
  // A pod that has gone is a pod of this node no more.
  api.store.remove("annotated");
  await until("the pod's address to be elsewhere", 20_000, () =>
    pod.last(POD) === "gzip" ? true : undefined,
  );
  expect(api.violations).toEqual([]);
}
