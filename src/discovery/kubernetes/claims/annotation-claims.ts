import { parsePromInputs } from "../../../config/input/parse-prom-inputs.ts";
import type { LocatedInput, PromInput } from "../../../config/input/prom-input.ts";
import type { ConfigIssue } from "../../../config/language/config-issue.ts";
import type { DesiredTarget } from "../../static-targets.ts";
import { type KnownAddress, parseTargetAddress } from "../../target-address.ts";
import { targetKey } from "../../target-key.ts";
import type { PodPolicy } from "../pod-policy.ts";
import type { PodRecord } from "../pods/pod-record.ts";
import { labelTags, type PodClaims, podPlace, refusalOf } from "./pod-claims.ts";
import { objection, type Refusal } from "./refusal.ts";
import { screenTable } from "./screen-table.ts";
import { screenUrl } from "./screen-url.ts";
import { expandWildcards } from "./wildcards.ts";

export const INSTANCES = "datakit/prom.instances";

/** More would only bury the first. */
const MAX_REFUSALS = 20;

/**
 * The targets of `datakit/prom.instances` (spec/datakit.md 7.1). A bad table or URL never hides its siblings. The pod has an
 * address and may be scraped; whether it may is the caller's to know.
 */
export function annotationClaims(text: string, pod: PodRecord, policy: PodPolicy): PodClaims {
  const refusals: Refusal[] = [];
  const { inputs, issues } = parsePromInputs(expandWildcards(text, pod), {
    file: podPlace(pod),
    expandEnvironment: false,
    allowSingleTable: false,
    defaults: { source: `${pod.namespace}/${pod.name}`, honor_timestamps: false },
    screen: (table, position) => {
      const found = screenTable(table, policy);
      refusals.push(...found.map((one) => refusalOf(pod, one, position?.line)));
      return found.length === 0;
    },
  });
  refusals.push(...issues.filter(isError).map((issue) => invalid(pod, issue)));
  const targets: DesiredTarget[] = [];
  for (const located of inputs) {
    const input = bounded(located.input, pod, policy);
    for (const url of input.urls) {
      const found = screenUrl(url, "inputs.prom.urls", pod, policy);
      const target = found === undefined ? targetOf(url, located, input, policy) : undefined;
      if (found !== undefined) {
        refusals.push(refusalOf(pod, found, located.position?.line));
      } else if (target !== undefined) {
        targets.push(target);
      }
    }
  }
  return { targets, refusals: refusals.slice(0, MAX_REFUSALS) };
}

/** The input as it may run: held within the limits, and on this node, whatever it says of election. */
function bounded(input: PromInput, pod: PodRecord, policy: PodPolicy): PromInput {
  const { limits } = policy;
  const tags = { ...labelTags(pod, policy.labelTags), ...input.tags };
  return {
    ...input,
    intervalMs: Math.max(input.intervalMs, limits.intervalMs),
    limits: {
      ...input.limits,
      bodyBytes: Math.min(input.limits.bodyBytes, limits.bodyBytes),
      samples: Math.min(input.limits.samples, limits.samples),
    },
    tags,
    election: false,
  };
}

/** Undefined: no address at all, which only a pod outside the sandbox gets as far as here. */
function targetOf(
  url: string,
  located: LocatedInput,
  input: PromInput,
  { upPoints }: PodPolicy,
): DesiredTarget | undefined {
  const address = parseTargetAddress(url);
  return address.kind === "bad"
    ? undefined
    : annotationTarget({ ...located, input }, address, upPoints);
}

/**
 * The target of an input of an annotation at one address. spec/datakit.md 7.1: the tags win over labels, and no `host` comes
 * from the URL: the global one, the node, counts.
 */
export function annotationTarget(
  { file, position, input }: LocatedInput,
  address: KnownAddress,
  upPoints: boolean,
): DesiredTarget {
  const isHttp = address.kind === "http";
  const instance = isHttp ? address.instance : address.path;
  const instanceTag: [string, string][] =
    isHttp && !input.disableInstanceTag ? [["instance", instance]] : [];
  return {
    key: targetKey(isHttp ? address.url : `file:${address.path}`, input),
    address,
    input,
    file,
    ...(position === undefined ? {} : { position }),
    addedTags: instanceTag,
    overridingTags: input.tags,
    ...(upPoints ? { upTags: { ...input.tags, job: input.source, instance } } : {}),
  };
}

function isError({ severity }: ConfigIssue): boolean {
  return severity === "error";
}

function invalid(pod: PodRecord, { key, message, position }: ConfigIssue): Refusal {
  const rule = key === "" && message.startsWith("not TOML") ? "not_toml" : "invalid";
  const valueClass = rule === "not_toml" ? "text" : "value";
  const found = objection(key === "" ? INSTANCES : key, valueClass, rule, message);
  return refusalOf(pod, found, position?.line);
}
