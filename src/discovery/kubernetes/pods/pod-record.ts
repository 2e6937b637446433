import { isDeepStrictEqual } from "node:util";
import { type MetaSelection, type PodMeta, podMeta } from "./pod-meta.ts";
import { type RawFields, rawFields, rawList, rawText } from "./raw-fields.ts";

/** What is kept of a pod. Everything else of its 5 to 50 KB is let go of while an answer is read. */
export interface PodRecord {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly resourceVersion: string;
  readonly phase: string;
  /** It has a `deletionTimestamp`. */
  readonly terminating: boolean;
  readonly hostNetwork: boolean;
  /** Addresses of its node, to tell a pod that shares one. */
  readonly hostIps: readonly string[];
  /** The primary address first; empty until it has one. */
  readonly ips: readonly string[];
  /** Ports that its containers declare, TCP. */
  readonly ports: readonly number[];
  /** Those asked for. */
  readonly labels: Readonly<Record<string, string>>;
  /** Those asked for, by whole key. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Those asked for that are longer than allowed, with their bytes in place of the text. */
  readonly oversized: Readonly<Record<string, number>>;
  /** What rules ask for. Absent where they ask for nothing, or the pod has none of the annotations. */
  readonly meta?: PodMeta;
}

/** Which labels and annotations of a pod are kept. */
export interface PodSelection {
  readonly labels: readonly string[];
  /** With a `*` at its end: all that begin so. */
  readonly annotations: readonly string[];
  /** Of one annotation. */
  readonly annotationBytes: number;
  /** Absent: there are no rules. */
  readonly meta?: MetaSelection;
}

/** Reads a Pod object as the API server gives it; undefined where it is none. */
export function podRecordOf(raw: unknown, selection: PodSelection): PodRecord | undefined {
  const pod = rawFields(raw);
  const metadata = rawFields(pod["metadata"]);
  const spec = rawFields(pod["spec"]);
  const status = rawFields(pod["status"]);
  const uid = rawText(metadata["uid"]);
  const name = rawText(metadata["name"]);
  const namespace = rawText(metadata["namespace"]);
  if (uid === "" || name === "" || namespace === "") {
    return undefined;
  }
  const annotations = annotationsOf(metadata["annotations"], selection);
  const asks = Object.keys(annotations.annotations).length > 0;
  return {
    uid,
    namespace,
    name,
    node: rawText(spec["nodeName"]),
    resourceVersion: rawText(metadata["resourceVersion"]),
    phase: rawText(status["phase"]),
    terminating: metadata["deletionTimestamp"] !== undefined,
    hostNetwork: spec["hostNetwork"] === true,
    hostIps: addresses(status["hostIP"], status["hostIPs"]),
    ips: addresses(status["podIP"], status["podIPs"]),
    ports: declaredPorts(spec),
    labels: Object.fromEntries(picked(metadata["labels"], selection.labels)),
    ...annotations,
    ...(selection.meta && asks && { meta: podMeta(raw, selection.meta) }),
  };
}

/** Whether two states of a pod differ in anything but their version. */
export function differs(a: PodRecord, b: PodRecord): boolean {
  return !isDeepStrictEqual({ ...a, resourceVersion: "" }, { ...b, resourceVersion: "" });
}

/** Init containers too: those with `restartPolicy: Always` are sidecars that serve for the pod's whole life. */
function declaredPorts(spec: RawFields): number[] {
  const containers = [...rawList(spec["containers"]), ...rawList(spec["initContainers"])];
  return containers
    .flatMap((container) => rawList(rawFields(container)["ports"]))
    .map(rawFields)
    .filter((port) => port["protocol"] === undefined || port["protocol"] === "TCP")
    .map((port) => port["containerPort"])
    .filter((port) => typeof port === "number");
}

function addresses(first: unknown, all: unknown): string[] {
  const listed = rawList(all).map((entry) => rawText(rawFields(entry)["ip"]));
  return [...new Set([rawText(first), ...listed])].filter((address) => address !== "");
}

function annotationsOf(
  raw: unknown,
  { annotations, annotationBytes }: PodSelection,
): Pick<PodRecord, "annotations" | "oversized"> {
  const found = picked(raw, annotations);
  const fits = ([, value]: readonly [string, string]) =>
    Buffer.byteLength(value) <= annotationBytes;
  const long = found.filter((pair) => !fits(pair));
  return {
    annotations: Object.fromEntries(found.filter(fits)),
    oversized: Object.fromEntries(long.map(([name, value]) => [name, Buffer.byteLength(value)])),
  };
}

function picked(raw: unknown, names: readonly string[]): (readonly [string, string])[] {
  const isWanted = (key: string) =>
    names.some((name) => (name.endsWith("*") ? key.startsWith(name.slice(0, -1)) : key === name));
  return Object.entries(rawFields(raw)).flatMap(([key, value]) =>
    typeof value === "string" && isWanted(key) ? [[key, value] as const] : [],
  );
}
