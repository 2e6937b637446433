import { GIB, KIB, MIB, SECOND } from "../../units.ts";
import { key, optional, section, type ValueType } from "../language/schema.ts";
import { boolean, duration, integer, oneOf, string, strings } from "../language/value-types.ts";

const count = integer(0);
const bytes = integer(0, undefined, "bytes");

/** DataKit's variable holds a JSON list; names with commas between them are taken too. */
const names: ValueType<readonly string[]> = {
  ...strings,
  fromText: (text) => {
    if (!text.trim().startsWith("[")) {
      return strings.fromText?.(text);
    }
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  },
};

/** A limit, with its variable of the environment. */
function limit(type: ValueType<number>, name: string, fallback: number, doc: string) {
  return key(type, fallback, doc, { environment: [`ENV_KUBERNETES_LIMIT_${name}`] });
}

const SAME = "The same for a namespace on this node.";

const limits = section(
  {
    annotation_size: limit(
      integer(0, 256 * KIB, "bytes"),
      "ANNOTATION_SIZE",
      16 * KIB,
      "One annotation.",
    ),
    targets_per_pod: limit(count, "TARGETS_PER_POD", 16, "Targets of one pod."),
    targets_per_namespace: limit(
      count,
      "TARGETS_PER_NAMESPACE",
      400,
      "Targets of one namespace on this node.",
    ),
    shortest_interval: limit(
      duration(),
      "SHORTEST_INTERVAL",
      SECOND,
      "Shorter intervals are held to it.",
    ),
    patterns: limit(count, "PATTERNS", 300, "Patterns in one table."),
    pattern_cost: limit(
      count,
      "PATTERN_COST",
      50_000,
      "Characters of the patterns in one table, each pattern times its counted repetitions.",
    ),
    tags: limit(count, "TAGS", 64, "Tags in one table."),
    body_size: limit(bytes, "BODY_SIZE", 256 * MIB, "Page of one scrape."),
    samples: limit(count, "SAMPLES", 1_000_000, "Samples of one scrape."),
    samples_per_pod: limit(
      count,
      "SAMPLES_PER_POD",
      1_000_000,
      "Samples that the last scrapes of a pod's targets read.",
    ),
    series_per_pod: limit(count, "SERIES_PER_POD", 500_000, "Samples of them that are sent."),
    output_per_pod: limit(bytes, "OUTPUT_PER_POD", 256 * MIB, "Line protocol that they make."),
    samples_per_namespace: limit(count, "SAMPLES_PER_NAMESPACE", 5_000_000, SAME),
    series_per_namespace: limit(count, "SERIES_PER_NAMESPACE", 2_000_000, SAME),
    output_per_namespace: limit(bytes, "OUTPUT_PER_NAMESPACE", GIB, SAME),
  },
  "What pods may come to. A target that goes beyond what a pod or a namespace may come to pauses for five minutes.",
);

/** The table `[kubernetes]` of `promline.toml`. */
export const kubernetesSection = section(
  {
    enable: key(
      oneOf(["auto", "true", "false"], { on: "true", off: "false", yes: "true", no: "false" }),
      "auto",
      "Watch the pods of this node and scrape what their annotations ask for. `auto`: where the name of the node is given, and an API server is.",
    ),
    node_name: optional(string, "The node whose pods are scraped.", {
      environment: ["ENV_K8S_NODE_NAME", "NODE_NAME"],
    }),
    kubeconfig: optional(string, "File that says how to reach the API server; a pod needs none.", {
      environment: ["KUBECONFIG"],
    }),
    annotations: key(boolean, true, "The annotation `datakit/prom.instances` counts.", {
      datakit: "Annotations are polled every five minutes.",
    }),
    prometheus_io: key(
      boolean,
      false,
      "The annotations `prometheus.io/scrape`, `port`, `path`, `scheme` and `param_…` of pods count.",
      { environment: ["ENV_INPUT_CONTAINER_ENABLE_AUTO_DISCOVERY_OF_PROMETHEUS_POD_ANNOTATIONS"] },
    ),
    label_tags: key(
      names,
      [],
      "Pod labels that become tags; `.` in their names becomes `_`. The variable has the form of a JSON list.",
      {
        environment: ["ENV_INPUT_CONTAINER_EXTRACT_K8S_LABEL_AS_TAGS_V2_FOR_METRIC"],
        datakit: "Only where the annotation has tags of its own.",
      },
    ),
    up_points: key(boolean, false, "Write `collector up` points for annotations."),
    sandbox: key(
      boolean,
      true,
      "A pod may name only its own addresses, and no file, socket or variable of the node.",
      {
        environment: ["ENV_KUBERNETES_SANDBOX"],
        datakit: "An annotation may name any host and file.",
      },
    ),
    allow_addresses: key(
      strings,
      [],
      "Addresses and networks (`10.0.0.0/8`) that annotations may name beside the pod's own.",
      { environment: ["ENV_KUBERNETES_ALLOW_ADDRESSES"] },
    ),
    events: key(
      boolean,
      false,
      "Tell the owner of a pod what is refused, by an Event on the pod. Needs the right to create events.",
      { environment: ["ENV_KUBERNETES_EVENTS"] },
    ),
    limits,
  },
  "Pods.",
);
