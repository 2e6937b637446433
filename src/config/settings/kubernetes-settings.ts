/** Discovery of pods: how the API server is reached, and what a pod may ask for. Plain data. */
export interface KubernetesSettings {
  readonly enabled: boolean;
  /** Whose pods; present where it is enabled. */
  readonly nodeName?: string;
  /** Path; absent: the pod's own service account. */
  readonly kubeconfig?: string;
  /** The API server as the kubelet tells it to pods. */
  readonly service?: { readonly host: string; readonly port: string };
  /** Tell owners of refusals by Kubernetes Events on their pods. */
  readonly events: boolean;
  readonly policy: DeclaredPolicy;
}

/** What a pod may ask for. The operator's, never the pod's. */
export interface DeclaredPolicy {
  /** Off: a pod may name any host and file, as in DataKit. The limits hold all the same. */
  readonly sandbox: boolean;
  /** Addresses and networks (`10.0.0.0/8`) that any pod may name beside its own addresses. */
  readonly allowAddresses: readonly string[];
  /** `datakit/prom.instances` counts. */
  readonly annotations: boolean;
  /** `prometheus.io/scrape` and its siblings count. */
  readonly prometheusIo: boolean;
  /** Pod labels that become tags. */
  readonly labelTags: readonly string[];
  /** Points `collector up` for annotations too. DataKit makes none. */
  readonly upPoints: boolean;
  readonly limits: PodLimits;
}

export interface PodLimits {
  /** Of one annotation. */
  readonly annotationBytes: number;
  readonly targetsPerPod: number;
  readonly targetsPerNamespace: number;
  /** Shorter ones are held to it. */
  readonly intervalMs: number;
  /** In one table: patterns of all its keys. */
  readonly patterns: number;
  /** Of one table: characters of its patterns, each times what its counted repetitions multiply it by. */
  readonly patternCost: number;
  /** In one table. */
  readonly tags: number;
  /** Of one scrape. */
  readonly bodyBytes: number;
  readonly samples: number;
  /** What all targets of a pod, or of a namespace on this node, may come to in their last scrapes. */
  readonly perPod: UsageBounds;
  readonly perNamespace: UsageBounds;
}

export interface UsageBounds {
  /** Sample lines read. */
  readonly samples: number;
  /** Samples sent: one for each series that is kept. */
  readonly series: number;
  /** Line protocol, before compression. */
  readonly outputBytes: number;
}
