/**
 * Why something in an annotation is not done. Literal: metric labels, and stable. The rules of addresses first, then those of
 * keys, then the limits; `invalid` is what `promline check` would call an error.
 */
export type RefusalRule =
  | "not_a_url"
  | "not_http"
  | "url_characters"
  | "host_name"
  | "foreign_address"
  | "loopback"
  | "link_local"
  | "metadata"
  | "unspecified"
  | "multicast"
  | "api_server"
  | "node_port"
  | "undeclared_port"
  | "no_port"
  | "file_key"
  | "unix_socket"
  | "output_file"
  | "target_relabel"
  | "secret_reference"
  | "environment_reference"
  | "annotation_size"
  | "patterns"
  | "pattern_cost"
  | "tags"
  | "targets_per_pod"
  | "targets_per_namespace"
  | "samples_per_pod"
  | "samples_per_namespace"
  | "series_per_pod"
  | "series_per_namespace"
  | "output_per_pod"
  | "output_per_namespace"
  | "not_toml"
  | "invalid";

/** Something in the annotations of a pod that is not done, for its owner. Holds no value, it may be a secret. */
export interface Refusal {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  /** Dotted, `inputs.prom.urls`, or the name of the annotation. */
  readonly key: string;
  /** What the value is, not the value: `host name`, `file path`, `41 patterns`. */
  readonly valueClass: string;
  readonly rule: RefusalRule;
  /** For people: what to do instead. */
  readonly detail: string;
  /** In the annotation, from 1. */
  readonly line?: number;
}

/** A refusal before it is known whose it is. */
export type Objection = Pick<Refusal, "key" | "valueClass" | "rule" | "detail">;

export function objection(
  key: string,
  valueClass: string,
  rule: RefusalRule,
  detail: string,
): Objection {
  return { key, valueClass, rule, detail };
}
