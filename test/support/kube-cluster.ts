import type { ApiAccess } from "../../src/discovery/kubernetes/api/api-access.ts";
import { KubeApi } from "./kube-api.ts";
import type { PodSketch } from "./kube-pod.ts";
import { TcpProxy } from "./tcp-proxy.ts";

/** An API server, ours or a real one, that scenarios change and whose network they break. */
export interface Cluster {
  readonly node: string;
  readonly namespace: string;
  /** Through the proxy. */
  readonly access: ApiAccess;
  readonly proxy: TcpProxy;
  /** Makes or changes a pod of the node; resolves when the API server has taken it. */
  put(sketch: Omit<PodSketch, "node" | "namespace">): Promise<void>;
  remove(name: string): Promise<void>;
  /** What was asked of it against the contract, where it can tell. */
  violations(): readonly string[];
}

/** The fake one. */
export async function fakeCluster(): Promise<Cluster> {
  const api = await KubeApi.start();
  const proxy = await TcpProxy.start({ host: "127.0.0.1", port: Number(new URL(api.url).port) });
  const namespace = "scenarios";
  return {
    node: "node-1",
    namespace,
    access: { server: new URL(`http://127.0.0.1:${proxy.port}`), insecureSkipVerify: false },
    proxy,
    put: async (sketch) => api.store.put({ ...sketch, namespace }),
    remove: async (name) => api.store.remove(name, namespace),
    violations: () => api.violations,
  };
}
