import { type Family, PageBuilder } from "./page-builder.ts";
import type { PageLayout } from "./page-layout.ts";
import type { PageRecipe } from "./page-recipe.ts";
import type { Random } from "./random.ts";

/** Share of the series that differ at the next scrape: objects rarely change. */
const MOVING = 0.01;
/** Of all lines of one pod, values included: how many pods make a page of a size. */
const POD_BYTES = 4890;
const CREATED_AT = 1_700_000_000;

const NAMESPACES = "default kube-system prod staging payments monitoring istio-system".split(" ");
const APPS = "checkout payment inventory shipping catalog accounts frontend worker".split(" ");
const PHASES = "Pending Succeeded Failed Unknown Running".split(" ");
const REASONS = "Evicted NodeAffinity NodeLost Shutdown UnexpectedAdmissionError".split(" ");
const CONDITIONS = "true false unknown".split(" ");

interface Pod {
  /** `namespace="…",pod="…",uid="…"`. */
  readonly labels: string;
  readonly node: string;
  readonly app: string;
}

interface PodFamily extends Family {
  readonly rows: (pod: Pod) => readonly string[];
  /** Value of row `index`. */
  readonly value: (index: number, random: Random) => number;
}

/** kube-state-metrics of a large cluster, `size` bytes: a family at a time over all pods, about 150 bytes a line. */
export function kubeStatePage(random: Random, { size, filter }: PageRecipe): PageLayout {
  const page = new PageBuilder("go", filter);
  const pods = makePods(random, Math.max(1, Math.round(size / POD_BYTES)));
  for (const family of FAMILIES) {
    page.family(family);
    for (const pod of pods) {
      page.group();
      for (const [index, row] of family.rows(pod).entries()) {
        const behaviour = family.type === "counter" ? "counter" : "constant";
        page.sample("", pod.labels + row, behaviour, family.value(index, random));
      }
    }
  }
  return page.build(MOVING);
}

function makePods(random: Random, count: number): Pod[] {
  return Array.from({ length: count }, () => {
    const app = random.pick(APPS);
    const name = `${app}-${random.hex(10)}-${random.text(5)}`;
    const uid = [8, 4, 4, 4, 12].map((length) => random.hex(length)).join("-");
    const labels = `namespace="${random.pick(NAMESPACES)}",pod="${name}",uid="${uid}"`;
    return { labels, node: `node-${random.below(500)}`, app };
  });
}

const created = (_: number, random: Random): number => CREATED_AT + random.below(10_000_000);
const one = (): number => 1;
const zero = (): number => 0;
const last =
  (rows: readonly string[]) =>
  (index: number): number =>
    index === rows.length - 1 ? 1 : 0;

function single(name: string, value: PodFamily["value"]): PodFamily {
  return { name, type: "gauge", help: HELP, rows: () => [""], value };
}

function container(
  name: string,
  value: PodFamily["value"],
  type: Family["type"] = "gauge",
): PodFamily {
  return { name, type, help: HELP, rows: ({ app }) => [`,container="${app}"`], value };
}

function each(
  name: string,
  label: string,
  values: readonly string[],
  value: PodFamily["value"],
): PodFamily {
  const rows = values.map((text) => `,${label}="${text}"`);
  return { name, type: "gauge", help: HELP, rows: () => rows, value };
}

const HELP = "What the API server says of a pod.";

const FAMILIES: readonly PodFamily[] = [
  {
    name: "kube_pod_info",
    type: "gauge",
    help: HELP,
    rows: ({ node, app }) => [
      `,host_ip="10.1.2.3",pod_ip="10.244.1.17",node="${node}",created_by_kind="ReplicaSet",created_by_name="${app}",priority_class="",host_network="false"`,
    ],
    value: one,
  },
  single("kube_pod_start_time", created),
  single("kube_pod_created", created),
  single("kube_pod_status_scheduled_time", created),
  single("kube_pod_status_ready_time", created),
  each("kube_pod_status_phase", "phase", PHASES, last(PHASES)),
  each("kube_pod_status_reason", "reason", REASONS, zero),
  each("kube_pod_status_ready", "condition", CONDITIONS, last(CONDITIONS)),
  each("kube_pod_status_scheduled", "condition", CONDITIONS, last(CONDITIONS)),
  {
    name: "kube_pod_owner",
    type: "gauge",
    help: HELP,
    rows: ({ app }) => [`,owner_kind="ReplicaSet",owner_name="${app}",owner_is_controller="true"`],
    value: one,
  },
  {
    name: "kube_pod_container_info",
    type: "gauge",
    help: HELP,
    rows: ({ app }) => [
      `,container="${app}",image_spec="registry.example.com/${app}:v1.10.1",image="registry.example.com/${app}:v1.10.1",container_id="containerd://c0ffee"`,
    ],
    value: one,
  },
  {
    name: "kube_pod_container_resource_requests",
    type: "gauge",
    help: HELP,
    rows: ({ app, node }) => [
      `,container="${app}",node="${node}",resource="cpu",unit="core"`,
      `,container="${app}",node="${node}",resource="memory",unit="byte"`,
    ],
    value: (index) => (index === 0 ? 0.1 : 209_715_200),
  },
  container("kube_pod_container_state_started", created),
  container("kube_pod_container_status_ready", one),
  container("kube_pod_container_status_restarts_total", zero, "counter"),
  container("kube_pod_container_status_running", one),
  container("kube_pod_container_status_terminated", zero),
  container("kube_pod_container_status_waiting", zero),
];
