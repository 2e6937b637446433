import { KIB, MIB, SECOND } from "../../units.ts";

/** What a pod may ask for. The operator's, never the pod's. */
export interface PodPolicy {
  /** Off: a pod may name any host, file and variable, as in DataKit. The limits hold all the same. */
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
  /** Where the API server is: canonical addresses, each with its port. */
  readonly apiServers: readonly { readonly address: string; readonly port: number }[];
  readonly limits: PodLimits;
}

export interface PodLimits {
  /** Of one annotation, in characters. */
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
  readonly perPod: UsageLimits;
  readonly perNamespace: UsageLimits;
}

export interface UsageLimits {
  /** Sample lines read. */
  readonly samples: number;
  /** Points sent: one for each series that is kept, or a little less. */
  readonly series: number;
  /** Line protocol, before compression. */
  readonly outputBytes: number;
}

export const podPolicyDefaults: PodPolicy = {
  sandbox: true,
  allowAddresses: [],
  annotations: true,
  prometheusIo: false,
  labelTags: [],
  upPoints: false,
  apiServers: [],
  limits: {
    annotationBytes: 16 * KIB,
    targetsPerPod: 16,
    targetsPerNamespace: 400,
    intervalMs: SECOND,
    patterns: 300,
    patternCost: 50_000,
    tags: 64,
    bodyBytes: 256 * MIB,
    samples: 1_000_000,
    perPod: { samples: 1_000_000, series: 500_000, outputBytes: 256 * MIB },
    perNamespace: { samples: 5_000_000, series: 2_000_000, outputBytes: 1024 * MIB },
  },
};
