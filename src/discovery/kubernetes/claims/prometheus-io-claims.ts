import { parsePromInputs } from "../../../config/input/parse-prom-inputs.ts";
import type { PromInput } from "../../../config/input/prom-input.ts";
import type { DesiredTarget } from "../../static-targets.ts";
import { type KnownAddress, parseTargetAddress } from "../../target-address.ts";
import { targetKey } from "../../target-key.ts";
import { canonicalAddress } from "../ip-address.ts";
import type { PodPolicy } from "../pod-policy.ts";
import type { PodRecord } from "../pods/pod-record.ts";
import { labelTags, type PodClaims, podPlace, refusalOf } from "./pod-claims.ts";
import { type Objection, objection } from "./refusal.ts";
import { screenUrl } from "./screen-url.ts";

type HttpAddress = Extract<KnownAddress, { readonly kind: "http" }>;

const PROMETHEUS_IO = "prometheus.io/";
const PARAMETER = `${PROMETHEUS_IO}param_`;

/** What is kept of a pod's annotations for this file. */
export const prometheusIoAnnotations = [
  ...["scrape", "port", "path", "scheme"].map((name) => `${PROMETHEUS_IO}${name}`),
  `${PARAMETER}*`,
];

/**
 * The target of `prometheus.io/scrape` and its siblings (spec/datakit.md 7.2). Points are named as DataKit's input
 * `kubernetesprometheus` names them: the field is the whole name, labels win over tags, timestamps count.
 */
export function prometheusIoClaims(pod: PodRecord, policy: PodPolicy): PodClaims {
  const { annotations } = pod;
  if (annotations[`${PROMETHEUS_IO}scrape`] !== "true") {
    return { targets: [], refusals: [] };
  }
  const refused = (found: Objection): PodClaims => ({
    targets: [],
    refusals: [refusalOf(pod, found)],
  });
  const url = urlOf(pod);
  if (typeof url !== "string") {
    return refused(url);
  }
  const trouble = screenUrl(url, `${PROMETHEUS_IO}port`, pod, policy);
  const address = parseTargetAddress(url);
  if (trouble !== undefined || address.kind !== "http") {
    const bad = objection(`${PROMETHEUS_IO}path`, "path", "not_a_url", "it makes no URL");
    return refused(trouble ?? bad);
  }
  const input = inputOf(url, pod, policy);
  if (input === undefined) {
    const detail = "the annotations make no target";
    return refused(objection(`${PROMETHEUS_IO}scrape`, "annotations", "invalid", detail));
  }
  return { refusals: [], targets: [markedTarget(pod, input, address)] };
}

/** The target of a pod's marks at one address; it has `instance` and `host` from there, whatever the tags say. */
export function markedTarget(
  pod: PodRecord,
  input: PromInput,
  address: HttpAddress,
): DesiredTarget {
  const { url, instance, host } = address;
  const origin = { instance, host };
  const job = input.rules.measurementName || `${pod.namespace}/${pod.name}`;
  return {
    key: targetKey(url, input),
    address,
    input,
    file: `${podPlace(pod)} prometheus.io`,
    addedTags: Object.entries({ ...input.tags, ...origin }),
    overridingTags: {},
    upTags: { job, ...origin },
  };
}

function urlOf(pod: PodRecord): string | Objection {
  const { annotations } = pod;
  const scheme = annotations[`${PROMETHEUS_IO}scheme`] ?? "http";
  if (scheme !== "http" && scheme !== "https") {
    const detail = "write http or https";
    return objection(`${PROMETHEUS_IO}scheme`, "another scheme", "not_http", detail);
  }
  const port = portOf(pod);
  if (typeof port !== "string") {
    return port;
  }
  const ip = canonicalAddress(pod.ips[0] ?? "") ?? "";
  const host = ip.includes(":") ? `[${ip}]` : ip;
  const path = annotations[`${PROMETHEUS_IO}path`] ?? "/metrics";
  const url = `${scheme}://${host}:${port}${path.startsWith("/") ? "" : "/"}${path}`;
  const query = queryOf(annotations);
  return query === "" ? url : `${url}${path.includes("?") ? "&" : "?"}${query}`;
}

function portOf({ annotations, ports }: PodRecord): string | Objection {
  const only = ports.length === 1 ? String(ports[0]) : "";
  const port = annotations[`${PROMETHEUS_IO}port`] ?? only;
  if (/^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535) {
    return port;
  }
  const valueClass = port === "" ? "nothing" : "no number";
  const detail = "a number is needed, as the pod does not declare exactly one port";
  return objection(`${PROMETHEUS_IO}port`, valueClass, "no_port", detail);
}

/** Every `param_…` but the two that DataKit gives a meaning of their own. */
function queryOf(annotations: PodRecord["annotations"]): string {
  const pairs = Object.entries(annotations)
    .filter(([name]) => name.startsWith(PARAMETER))
    .map(([name, value]) => [name.slice(PARAMETER.length), value])
    .filter(([name]) => name !== "measurement" && name !== "tags" && name !== "");
  return new URLSearchParams(pairs).toString();
}

/** By way of the one parser, so that the defaults are the same. JSON strings are TOML strings. */
function inputOf(url: string, pod: PodRecord, { limits, ...policy }: PodPolicy) {
  const { namespace, name, annotations } = pod;
  const measurement = annotations[`${PARAMETER}measurement`] ?? "";
  const { inputs } = parsePromInputs(`[[inputs.prom]]\nurls = [${JSON.stringify(url)}]\n`, {
    file: podPlace(pod),
    expandEnvironment: false,
    allowSingleTable: false,
    defaults: {
      source: `${namespace}/${name}`,
      keep_exist_metric_name: true,
      disable_info_tag: true,
      measurement_name: measurement,
    },
  });
  const input = inputs[0]?.input;
  if (input === undefined) {
    return undefined;
  }
  const bounds: Partial<PromInput["limits"]> = {
    bodyBytes: Math.min(input.limits.bodyBytes, limits.bodyBytes),
    samples: Math.min(input.limits.samples, limits.samples),
  };
  const tags = {
    ...labelTags(pod, policy.labelTags),
    ...tagList(annotations[`${PARAMETER}tags`] ?? "", limits.tags),
    namespace,
    pod_name: name,
  };
  return { ...input, limits: { ...input.limits, ...bounds }, tags, election: false };
}

/** `a=b,c=d`; what is not of that form is left out. */
function tagList(text: string, most: number): Record<string, string> {
  const pairs = text
    .split(",")
    .map((part) => part.split("="))
    .filter(([name, value, ...more]) => name !== "" && value !== undefined && more.length === 0)
    .map(([name = "", value = ""]): [string, string] => [name.trim(), value.trim()]);
  return Object.fromEntries(pairs.slice(0, most));
}
