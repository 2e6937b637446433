import { isIP } from "node:net";
import type { Reading } from "../language/reading.ts";
import { setVariable } from "../language/schema.ts";
import type { kubernetesSection } from "./kubernetes-schema.ts";
import type { DeclaredPolicy, KubernetesSettings, PodLimits } from "./kubernetes-settings.ts";

type KubernetesValues = (typeof kubernetesSection)["fallback"];

/** The settings of pod discovery. `at` is the root. */
export function readKubernetes(values: KubernetesValues, at: Reading): KubernetesSettings {
  const here = at.child("kubernetes");
  const host = setVariable(at, "KUBERNETES_SERVICE_HOST");
  const port = setVariable(at, "KUBERNETES_SERVICE_PORT");
  const service = host === undefined || port === undefined ? undefined : { host, port };
  const { node_name: nodeName, kubeconfig } = values;
  const reachable = service !== undefined || present(kubeconfig);
  const able = present(nodeName) && reachable;
  if (values.enable === "true" && !able) {
    const missing = present(nodeName)
      ? "an API server: neither a kubeconfig nor KUBERNETES_SERVICE_HOST is there"
      : "the name of the node: set ENV_K8S_NODE_NAME from the field spec.nodeName";
    here.child("enable").error(`is on and lacks ${missing}`);
  }
  checkNetworks(values.allow_addresses, here.child("allow_addresses"));
  if (!values.sandbox) {
    here
      .child("sandbox")
      .warn("off: whoever may create a pod can read files of the agent and reach what it reaches");
  }
  return {
    enabled: values.enable !== "false" && able,
    ...(present(nodeName) && { nodeName }),
    ...(present(kubeconfig) && { kubeconfig }),
    ...(service && { service }),
    events: values.events,
    policy: policyOf(values),
  };
}

/** The same under the keys of `promline.toml`. */
export function kubernetesAsKeys(settings: KubernetesSettings): Record<string, unknown> {
  const { policy } = settings;
  const { limits } = policy;
  return {
    enable: settings.enabled ? "true" : "false",
    node_name: settings.nodeName,
    kubeconfig: settings.kubeconfig,
    annotations: policy.annotations,
    prometheus_io: policy.prometheusIo,
    label_tags: policy.labelTags,
    up_points: policy.upPoints,
    sandbox: policy.sandbox,
    allow_addresses: policy.allowAddresses,
    events: settings.events,
    limits: {
      annotation_size: limits.annotationBytes,
      targets_per_pod: limits.targetsPerPod,
      targets_per_namespace: limits.targetsPerNamespace,
      shortest_interval: `${limits.intervalMs}ms`,
      patterns: limits.patterns,
      pattern_cost: limits.patternCost,
      tags: limits.tags,
      body_size: limits.bodyBytes,
      samples: limits.samples,
      samples_per_pod: limits.perPod.samples,
      series_per_pod: limits.perPod.series,
      output_per_pod: limits.perPod.outputBytes,
      samples_per_namespace: limits.perNamespace.samples,
      series_per_namespace: limits.perNamespace.series,
      output_per_namespace: limits.perNamespace.outputBytes,
    },
  };
}

function policyOf(values: KubernetesValues): DeclaredPolicy {
  return {
    sandbox: values.sandbox,
    allowAddresses: values.allow_addresses,
    annotations: values.annotations,
    prometheusIo: values.prometheus_io,
    labelTags: values.label_tags,
    upPoints: values.up_points,
    limits: limitsOf(values.limits),
  };
}

function limitsOf(values: KubernetesValues["limits"]): PodLimits {
  return {
    annotationBytes: values.annotation_size,
    targetsPerPod: values.targets_per_pod,
    targetsPerNamespace: values.targets_per_namespace,
    intervalMs: values.shortest_interval,
    patterns: values.patterns,
    patternCost: values.pattern_cost,
    tags: values.tags,
    bodyBytes: values.body_size,
    samples: values.samples,
    perPod: {
      samples: values.samples_per_pod,
      series: values.series_per_pod,
      outputBytes: values.output_per_pod,
    },
    perNamespace: {
      samples: values.samples_per_namespace,
      series: values.series_per_namespace,
      outputBytes: values.output_per_namespace,
    },
  };
}

function checkNetworks(networks: readonly string[], at: Reading): void {
  for (const network of networks) {
    const [address = "", prefix, ...more] = network.split("/");
    const bits = isIP(address) === 4 ? 32 : 128;
    const fits = prefix === undefined || (/^\d+$/.test(prefix) && Number(prefix) <= bits);
    if (isIP(address) === 0 || !fits || more.length > 0) {
      at.error(`${at.show(network)} is no address and no network such as 10.0.0.0/8`);
    }
  }
}

function present(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
