import { KIB } from "../../../units.ts";
import { type RawFields, rawFields, rawList, rawText } from "./raw-fields.ts";

/** Which labels `__meta_kubernetes_…` of a pod are kept for rules. */
export interface MetaSelection {
  readonly isWanted: (label: string) => boolean;
  /** Annotations whose text is never given away: only that they are there. */
  readonly withheld: readonly string[];
}

/** By Prometheus' names; none is empty. */
export type MetaLabels = Readonly<Record<string, string>>;

/** What is said of a target at one port; without one, at any that no container declares. */
interface PortMeta {
  readonly port?: number;
  /** Of the container and of the port. */
  readonly labels: MetaLabels;
}

/** What rules may ask of a pod: `role: pod` of Prometheus' `kubernetes_sd_configs`. */
export interface PodMeta {
  readonly pod: MetaLabels;
  /** Empty where no rule asks for containers. Those of init containers last. */
  readonly ports: readonly PortMeta[];
}

const POD = "__meta_kubernetes_pod_";
const CONTAINER = `${POD}container_`;
/** Longer values of labels and annotations are left out, and so is what goes beyond this in one pod: 250 pods stay small. */
const MAX_VALUE_BYTES = KIB;
const MAX_POD_BYTES = 8 * KIB;

/** The labels that are asked for, of a Pod object as the API server gives it. */
export function podMeta(raw: unknown, selection: MetaSelection): PodMeta {
  const pod = rawFields(raw);
  const spec = rawFields(pod["spec"]);
  const status = rawFields(pod["status"]);
  return {
    pod: podLabels(rawFields(pod["metadata"]), spec, status, selection),
    ports: portsOf(spec, status, selection.isWanted),
  };
}

/** What rules see of a target of the pod. `at`: the port it is asked at, of an address of the pod's own. */
export function targetMeta({ pod, ports }: PodMeta, at: number | undefined): MetaLabels {
  const found =
    ports.find(({ port }) => port === at) ?? ports.find(({ port }) => port === undefined);
  return at === undefined || found === undefined ? pod : { ...pod, ...found.labels };
}

function podLabels(
  metadata: RawFields,
  spec: RawFields,
  status: RawFields,
  selection: MetaSelection,
): MetaLabels {
  const owner = rawList(metadata["ownerReferences"])
    .map(rawFields)
    .find(({ controller }) => controller === true);
  const labels = {
    __meta_kubernetes_namespace: rawText(metadata["namespace"]),
    [`${POD}name`]: rawText(metadata["name"]),
    [`${POD}uid`]: rawText(metadata["uid"]),
    [`${POD}ip`]: rawText(status["podIP"]),
    [`${POD}host_ip`]: rawText(status["hostIP"]),
    [`${POD}node_name`]: rawText(spec["nodeName"]),
    [`${POD}phase`]: rawText(status["phase"]),
    [`${POD}ready`]: readiness(status),
    [`${POD}controller_kind`]: rawText(owner?.["kind"]),
    [`${POD}controller_name`]: rawText(owner?.["name"]),
  };
  return { ...wanted(labels, selection.isWanted), ...writtenLabels(metadata, selection) };
}

function readiness(status: RawFields): string {
  const ready = rawList(status["conditions"])
    .map(rawFields)
    .find(({ type }) => type === "Ready");
  return rawText(ready?.["status"]).toLowerCase() || "unknown";
}

/** Labels and annotations, those whose names come out the same by the last. */
function writtenLabels(metadata: RawFields, selection: MetaSelection): MetaLabels {
  const found: Record<string, string> = {};
  let room = MAX_POD_BYTES;
  const add = (label: string, value: string): void => {
    const bytes = Buffer.byteLength(value);
    const needed = bytes + label.length;
    if (value !== "" && bytes <= MAX_VALUE_BYTES && needed <= room && selection.isWanted(label)) {
      room -= needed;
      found[label] = value;
    }
  };
  for (const kind of ["label", "annotation"] as const) {
    for (const [key, value] of Object.entries(rawFields(metadata[`${kind}s`]))) {
      const name = key.replace(/[^A-Za-z0-9_]/g, "_");
      add(`${POD}${kind}present_${name}`, "true");
      if (kind === "label" || !selection.withheld.includes(key)) {
        add(`${POD}${kind}_${name}`, rawText(value));
      }
    }
  }
  return found;
}

/** A port that none declares belongs to the only container there is, and to none where there are several. */
function portsOf(
  spec: RawFields,
  status: RawFields,
  isWanted: MetaSelection["isWanted"],
): PortMeta[] {
  const found = [
    ...containers(spec["containers"], status["containerStatuses"], false),
    ...containers(spec["initContainers"], status["initContainerStatuses"], true),
  ].map(({ labels, ports }) => {
    const common = wanted(labels, isWanted);
    const declared = ports.map((one): PortMeta => {
      const own = wanted(one.labels, isWanted);
      return { port: one.port, labels: isEmpty(own) ? common : { ...common, ...own } };
    });
    return { common, declared };
  });
  const [only, ...others] = found;
  const fallback = only === undefined || others.length > 0 ? [] : [{ labels: only.common }];
  const declared = found.flatMap((container) => container.declared);
  // What says no more than the only container does is not kept for each of its ports.
  const more = declared.filter(({ labels }) => labels !== fallback[0]?.labels);
  return [...more, ...fallback].filter(({ labels }) => !isEmpty(labels));
}

interface Container {
  readonly labels: MetaLabels;
  readonly ports: readonly Required<PortMeta>[];
}

function containers(all: unknown, statuses: unknown, init: boolean): Container[] {
  return rawList(all)
    .map(rawFields)
    .map((container) => {
      const name = rawText(container["name"]);
      const running = rawList(statuses)
        .map(rawFields)
        .find((one) => one["name"] === name);
      const labels = {
        [`${CONTAINER}name`]: name,
        [`${CONTAINER}id`]: rawText(running?.["containerID"]),
        [`${CONTAINER}image`]: rawText(container["image"]),
        [`${CONTAINER}init`]: String(init),
      };
      return { labels, ports: rawList(container["ports"]).map(rawFields).flatMap(declaredPort) };
    });
}

/** What is scraped is TCP. */
function declaredPort(port: RawFields): Required<PortMeta>[] {
  const { containerPort: number, protocol = "TCP" } = port;
  if (typeof number !== "number" || protocol !== "TCP") {
    return [];
  }
  const labels = {
    [`${CONTAINER}port_number`]: String(number),
    [`${CONTAINER}port_name`]: rawText(port["name"]),
    [`${CONTAINER}port_protocol`]: protocol,
  };
  return [{ port: number, labels }];
}

function isEmpty(labels: MetaLabels): boolean {
  return Object.keys(labels).length === 0;
}

function wanted(all: MetaLabels, isWanted: MetaSelection["isWanted"]): MetaLabels {
  return Object.fromEntries(
    Object.entries(all).filter(([name, value]) => value !== "" && isWanted(name)),
  );
}
