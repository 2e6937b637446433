import type { LabelSet } from "./istio-histograms.ts";
import { TOKEN_BYTES } from "./page-layout.ts";
import type { Random } from "./random.ts";

const WORKLOADS =
  "productpage details reviews ratings checkout payment inventory shipping catalog accounts recommendation frontend".split(
    " ",
  );
const NAMESPACES = "prod staging bookinfo payments istio-system default".split(" ");
/** Weighted by repetition. */
const CODES = "200 200 200 200 201 204 301 304 400 401 403 404 404 429 500 502 503 504".split(" ");
const VERSIONS = "v1 v2 v3 unknown".split(" ");

interface Peer {
  readonly workload: string;
  readonly namespace: string;
  readonly version: string;
}

/** `count` label sets of 11 labels: with `le` 12, and lines of about 390 bytes. */
export function shortMeshLabels(random: Random, count: number): LabelSet[] {
  return labelSets(random, count, (from, to, token) => [
    ["reporter", random.pick(["source", "destination"])],
    ["source_workload", `${from.workload}-${token}`],
    ["source_workload_namespace", from.namespace],
    ["source_app", from.workload],
    ["destination_workload", `${to.workload}-${to.version}`],
    ["destination_workload_namespace", to.namespace],
    ["destination_app", to.workload],
    ["destination_service", host(to)],
    ["request_protocol", random.pick(["http", "http", "grpc"])],
    ["response_code", random.pick(CODES)],
    ["response_flags", "-"],
  ]);
}

/** `count` label sets of a sidecar as Istio 1.11 and later print them: 25 labels, with `le` 26, lines of 770 to 1010 bytes. */
export function sidecarLabels(random: Random, count: number): LabelSet[] {
  return labelSets(random, count, (from, to, token) => [
    ["response_code", random.pick(CODES)],
    ["reporter", random.pick(["source", "destination"])],
    ["source_workload", `${from.workload}-${token}`],
    ["source_workload_namespace", from.namespace],
    ["source_principal", principal(from)],
    ["source_app", from.workload],
    ["source_version", from.version],
    ["source_cluster", "Kubernetes"],
    ["destination_workload", `${to.workload}-${to.version}`],
    ["destination_workload_namespace", to.namespace],
    ["destination_principal", principal(to)],
    ["destination_app", to.workload],
    ["destination_version", to.version],
    ["destination_service", host(to)],
    ["destination_service_name", to.workload],
    ["destination_service_namespace", to.namespace],
    ["destination_cluster", "Kubernetes"],
    ["request_protocol", random.pick(["http", "http", "grpc"])],
    ["response_flags", "-"],
    ["grpc_response_status", ""],
    ["connection_security_policy", "mutual_tls"],
    ["source_canonical_service", from.workload],
    ["destination_canonical_service", to.workload],
    ["source_canonical_revision", from.version],
    ["destination_canonical_revision", to.version],
  ]);
}

type Labels = readonly (readonly [name: string, value: string])[];

function labelSets(
  random: Random,
  count: number,
  labelsOf: (from: Peer, to: Peer, token: string) => Labels,
): LabelSet[] {
  const tokens = new Set<string>();
  while (tokens.size < count) {
    tokens.add(random.text(TOKEN_BYTES));
  }
  return [...tokens].map((token) => {
    const labels = labelsOf(peer(random), peer(random), token);
    return { token, labels: labels.map(([name, value]) => `${name}="${value}"`).join(",") };
  });
}

function peer(random: Random): Peer {
  return {
    workload: random.pick(WORKLOADS),
    namespace: random.pick(NAMESPACES),
    version: random.pick(VERSIONS),
  };
}

function principal({ workload, namespace }: Peer): string {
  return `spiffe://cluster.local/ns/${namespace}/sa/${workload}`;
}

function host({ workload, namespace }: Peer): string {
  return `${workload}.${namespace}.svc.cluster.local`;
}
