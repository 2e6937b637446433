import type { NoAccess } from "./api/api-access.ts";
import type { ApiFault } from "./api/api-fault.ts";
import type { WatchStatus } from "./pods/pod-watcher.ts";

/**
 * Why the pods of a node are not known yet, for people; undefined once they are. An API server that goes away later is no
 * reason: what is known goes on being scraped.
 */
export function podsNotReady(
  node: string,
  { synced, trouble }: Pick<WatchStatus, "synced" | "trouble">,
  noAccess: NoAccess | undefined,
): string | undefined {
  if (noAccess !== undefined) {
    return `there is no way to the API server: ${noAccess.detail}`;
  }
  // Without the right to watch, what was listed once would be all that is ever known.
  if (synced && !(trouble?.verb === "watch" && trouble.fault.reason === "forbidden")) {
    return undefined;
  }
  const begun = `the pods of node ${node} are not ${synced ? "watched" : "listed"} yet`;
  if (trouble === undefined) {
    return begun;
  }
  const remedy = remedyOf(trouble.fault);
  return `${begun}: ${trouble.fault.detail}${remedy === undefined ? "" : `; ${remedy}`}`;
}

/** What to do about a fault, where it is known. */
export function remedyOf({ reason }: ApiFault): string | undefined {
  switch (reason) {
    case "forbidden":
      return "grant the agent's service account the verbs list and watch on pods, and create on events where kubernetes.events is on, by a ClusterRole and a ClusterRoleBinding";
    case "unauthorized":
    case "credentials":
      return "look at the token of the agent's service account, or at the kubeconfig";
    case "unreachable":
    case "timeout":
      return "the API server is away, or something between it and this pod drops the connection";
    case "tls":
      return "the certificate of the API server does not fit the authorities that the agent was given";
    default:
      return undefined;
  }
}
