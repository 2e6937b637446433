/** A rule with the keys of Prometheus, as both agents read it. */
export type RawRule = Readonly<Record<string, string | number | readonly string[]>>;

/** What users of Istio write: every kind of rule once, each sample stays and no two become one. */
const FIFTEEN: readonly RawRule[] = [
  { source_labels: ["__name__"], regex: "(istio|envoy|pilot|process|go)_.+", action: "keep" },
  { source_labels: ["__name__"], regex: "istio_agent_.+", action: "drop" },
  { source_labels: ["reporter", "response_code"], regex: "waypoint;1..", action: "drop" },
  {
    regex: "connection_security_policy|source_principal|destination_principal",
    action: "labeldrop",
  },
  { regex: "response_flags", action: "labeldrop" },
  {
    source_labels: ["destination_workload_namespace", "destination_workload"],
    separator: "/",
    target_label: "destination",
  },
  { source_labels: ["source_workload_namespace"], target_label: "namespace" },
  {
    source_labels: ["response_code"],
    regex: "(.)..",
    replacement: "$1xx",
    target_label: "code_class",
  },
  { source_labels: ["request_protocol"], action: "uppercase", target_label: "request_protocol" },
  { source_labels: ["destination_app"], action: "lowercase", target_label: "destination_app" },
  { source_labels: ["source_workload"], modulus: 16, action: "hashmod", target_label: "__shard" },
  { source_labels: ["__shard"], regex: "[0-9]+", action: "keep" },
  { regex: "label_(.+)", replacement: "$1", action: "labelmap" },
  {
    source_labels: ["destination_service"],
    regex: "([^.]+)[.].*",
    target_label: "destination_service_name",
  },
  { target_label: "cluster", replacement: "bench" },
];

/** The first fifteen, then rules that drop names which the page does not have; every tenth looks at a label too. */
export function relabelRules(count: number): readonly RawRule[] {
  const more = Array.from({ length: Math.max(0, count - FIFTEEN.length) }, (_, index) =>
    index % 10 === 0
      ? {
          source_labels: ["__name__", "response_code"],
          regex: `unused_${index}_.+;(4|5)..`,
          action: "drop",
        }
      : { source_labels: ["__name__"], regex: `unused_${index}_.+`, action: "drop" },
  );
  return [...FIFTEEN.slice(0, count), ...more];
}
