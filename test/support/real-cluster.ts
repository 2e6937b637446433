import { randomBytes } from "node:crypto";
import { onTestFinished } from "vitest";
import type { ApiAccess } from "../../src/discovery/kubernetes/api/api-access.ts";
import { kubeconfigAccess } from "../../src/discovery/kubernetes/api/kubeconfig.ts";
import { KubeAdmin } from "./kube-admin.ts";
import type { Cluster } from "./kube-cluster.ts";
import type { PodSketch } from "./kube-pod.ts";
import { TcpProxy } from "./tcp-proxy.ts";

/**
 * A real API server, by a kubeconfig of somebody who may make namespaces, nodes and pods. Neither kubelet nor controllers are
 * needed: the node is made up, and the status of pods is written as a kubelet would. All of it is removed at the end.
 */
export async function realCluster(kubeconfig: string): Promise<Cluster> {
  const direct = await kubeconfigAccess(kubeconfig);
  if ("kind" in direct) throw new Error(direct.detail);
  const admin = new KubeAdmin(direct);
  const id = randomBytes(4).toString("hex");
  const namespace = `promline-test-${id}`;
  const node = `promline-test-${id}`;
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const known = new Set<string>();
  await admin.send("POST", "/api/v1/namespaces", { metadata: { name: namespace } });
  onTestFinished(async () => {
    await admin.send("DELETE", pods, {
      gracePeriodSeconds: 0,
      kind: "DeleteOptions",
      apiVersion: "v1",
    });
    await admin.send("DELETE", `/api/v1/namespaces/${namespace}`);
    await admin.send("DELETE", `/api/v1/nodes/${node}`);
  }, 60_000);
  await admin.send("POST", "/api/v1/nodes", {
    metadata: { name: node },
    spec: { unschedulable: true },
  });
  // Without a controller manager nobody makes it, and without it no pod is admitted.
  await admin.send(
    "POST",
    `/api/v1/namespaces/${namespace}/serviceaccounts`,
    { metadata: { name: "default" } },
    [409],
  );
  const host = direct.server.hostname.replace(/^\[|\]$/g, "");
  const proxy = await TcpProxy.start({ host, port: Number(direct.server.port || 443) });
  return {
    node,
    namespace,
    access: throughProxy(direct, proxy.port),
    proxy,
    put: async (sketch) => {
      if (known.has(sketch.name)) {
        const metadata = { annotations: sketch.annotations ?? {}, labels: sketch.labels ?? {} };
        await admin.send("PATCH", `${pods}/${sketch.name}`, { metadata });
      } else {
        known.add(sketch.name);
        await admin.send("POST", pods, podOf(sketch, node));
      }
      await admin.send("PATCH", `${pods}/${sketch.name}/status`, { status: statusOf(sketch) });
      if (sketch.terminating) {
        await admin.send("DELETE", `${pods}/${sketch.name}?gracePeriodSeconds=300`);
      }
    },
    remove: async (name) => {
      known.delete(name);
      await admin.send("DELETE", `${pods}/${name}?gracePeriodSeconds=0`);
    },
    violations: () => [],
  };
}

/** The proxy has another address than the certificate says; every API server's says `kubernetes`. */
function throughProxy(direct: ApiAccess, port: number): ApiAccess {
  const { protocol, hostname, pathname } = direct.server;
  const isAddress = /^[\d.]+$|^\[/.test(hostname);
  const name = direct.serverName ?? (isAddress ? "kubernetes" : hostname);
  const isSame = hostname === "127.0.0.1" && direct.serverName === undefined;
  return {
    ...direct,
    server: new URL(`${protocol}//127.0.0.1:${port}${pathname}`),
    ...(isSame ? {} : { serverName: name }),
  };
}

function podOf(
  { name, labels, annotations, ports = [8080], hostNetwork }: PodSketch,
  node: string,
) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: labels ?? {}, annotations: annotations ?? {} },
    spec: {
      nodeName: node,
      automountServiceAccountToken: false,
      ...(hostNetwork ? { hostNetwork } : {}),
      containers: [
        {
          name: "app",
          image: "example.invalid/app:1",
          ports: ports.map((containerPort) => ({ containerPort })),
        },
      ],
    },
  };
}

function statusOf({ phase = "Running", ips = ["10.1.0.1"], hostIp = "192.0.2.1" }: PodSketch) {
  const addresses = ips.length === 0 ? {} : { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) };
  return { phase, hostIP: hostIp, hostIPs: [{ ip: hostIp }], ...addresses };
}
