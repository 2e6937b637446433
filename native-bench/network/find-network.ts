import { LOOPBACK } from "./loopback-network.ts";
import type { Network, NetworkKind } from "./network.ts";
import { openPodNetwork } from "./pod-network.ts";

export const NETWORKS = ["pods", "loopback"] as const;

/** Pods' addresses where the machine allows network namespaces, 127/8 where not, or where 127/8 is asked for. */
export async function findNetwork(
  asked: (typeof NETWORKS)[number] | undefined,
  openPods: () => Promise<Network> = openPodNetwork,
): Promise<NetworkKind> {
  if (asked === "loopback") {
    return { title: "loopback (127/8), as asked", open: async () => LOOPBACK };
  }
  try {
    (await openPods()).stop();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (asked === "pods") {
      throw new Error(`no network namespaces here: ${why}`, { cause: error });
    }
    const title = `loopback (127/8), not pod addresses: no network namespaces here (${why})`;
    return { title, open: async () => LOOPBACK };
  }
  return { title: "pod addresses (10.244/16) in network namespaces", open: openPods };
}
