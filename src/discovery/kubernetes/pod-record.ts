import { isDeepStrictEqual } from "node:util";

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
}

/** Which labels and annotations of a pod are kept. */
export interface PodSelection {
  readonly labels: readonly string[];
  /** With a `*` at its end: all that begin so. */
  readonly annotations: readonly string[];
  /** Of one annotation. */
  readonly annotationBytes: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads a Pod object as the API server gives it; undefined where it is none. */
export function podRecordOf(raw: unknown, selection: PodSelection): PodRecord | undefined {
  const pod = fields(raw);
  const metadata = fields(pod["metadata"]);
  const spec = fields(pod["spec"]);
  const status = fields(pod["status"]);
  const uid = text(metadata["uid"]);
  const name = text(metadata["name"]);
  const namespace = text(metadata["namespace"]);
  if (uid === "" || name === "" || namespace === "") {
    return undefined;
  }
  return {
    uid,
    namespace,
    name,
    node: text(spec["nodeName"]),
    resourceVersion: text(metadata["resourceVersion"]),
    phase: text(status["phase"]),
    terminating: metadata["deletionTimestamp"] !== undefined,
    hostNetwork: spec["hostNetwork"] === true,
    hostIps: addresses(status["hostIP"], status["hostIPs"]),
    ips: addresses(status["podIP"], status["podIPs"]),
    ports: declaredPorts(spec),
    labels: Object.fromEntries(picked(metadata["labels"], selection.labels)),
    ...annotationsOf(metadata["annotations"], selection),
  };
}

/** Whether two states of a pod differ in anything but their version. */
export function differs(a: PodRecord, b: PodRecord): boolean {
  return !isDeepStrictEqual({ ...a, resourceVersion: "" }, { ...b, resourceVersion: "" });
}

/** Init containers too: those with `restartPolicy: Always` are sidecars that serve for the pod's whole life. */
function declaredPorts(spec: Fields): number[] {
  const containers = [...list(spec["containers"]), ...list(spec["initContainers"])];
  return containers
    .flatMap((container) => list(fields(container)["ports"]))
    .map(fields)
    .filter((port) => port["protocol"] === undefined || port["protocol"] === "TCP")
    .map((port) => port["containerPort"])
    .filter((port) => typeof port === "number");
}

function addresses(first: unknown, all: unknown): string[] {
  const listed = list(all).map((entry) => text(fields(entry)["ip"]));
  return [...new Set([text(first), ...listed])].filter((address) => address !== "");
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
  return Object.entries(fields(raw)).flatMap(([key, value]) =>
    typeof value === "string" && isWanted(key) ? [[key, value] as const] : [],
  );
}

function fields(raw: unknown): Fields {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw) ? (raw as Fields) : {};
}

function list(raw: unknown): readonly unknown[] {
  return Array.isArray(raw) ? raw : [];
}

function text(raw: unknown): string {
  return typeof raw === "string" ? raw : "";
}
