import type { PromInput } from "../../../config/input/prom-input.ts";
import type { DesiredTarget } from "../../static-targets.ts";
import type { KnownAddress } from "../../target-address.ts";
import { canonicalAddress } from "../ip-address.ts";
import { type MetaLabels, targetMeta } from "../pods/pod-meta.ts";
import { annotationTarget } from "./annotation-claims.ts";
import { podPlace } from "./pod-claims.ts";
import type { PodTarget } from "./pod-targets.ts";
import { markedTarget } from "./prometheus-io-claims.ts";

/** What rules made of a target of a pod. */
export interface RuledTarget {
  readonly address: KnownAddress;
  readonly input: PromInput;
  /** `job`, `instance` and `host` where a rule wrote them: then they count, not what the address says. */
  readonly written: Readonly<Record<string, string>>;
}

/** The target anew, with everything that comes from its address and its tags. */
export function ruledTarget(
  { pod, target }: PodTarget,
  { address, input, written }: RuledTarget,
  upPoints: boolean,
): DesiredTarget {
  const isMarked = address.kind === "http" && target.file !== podPlace(pod);
  const made = isMarked
    ? markedTarget(pod, input, address)
    : annotationTarget({ ...target, input }, address, upPoints);
  const { job: _, ...tags } = written;
  const addedTags = isMarked
    ? Object.entries({ ...Object.fromEntries(made.addedTags), ...tags })
    : made.addedTags;
  return { ...made, addedTags, ...(made.upTags && { upTags: { ...made.upTags, ...written } }) };
}

/** The labels `__meta_…` of a target of a pod that rules ask for; undefined where they ask for none. */
export function metaOf({ pod, target: { address } }: PodTarget): MetaLabels | undefined {
  if (pod.meta === undefined) {
    return undefined;
  }
  if (address.kind === "file") {
    return targetMeta(pod.meta, undefined);
  }
  const host = canonicalAddress(address.hostname);
  const isOwn = pod.ips.some((ip) => canonicalAddress(ip) === host);
  return targetMeta(pod.meta, isOwn ? address.port : undefined);
}
