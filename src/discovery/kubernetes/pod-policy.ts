import type { DeclaredPolicy } from "../../config/settings/kubernetes-settings.ts";

/** What a pod may ask for. */
export interface PodPolicy extends DeclaredPolicy {
  /** Where the API server is: canonical addresses, each with its port. */
  readonly apiServers: readonly ApiServerAddress[];
}

export interface ApiServerAddress {
  readonly address: string;
  readonly port: number;
}
