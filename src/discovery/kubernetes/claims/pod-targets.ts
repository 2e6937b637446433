import type { DesiredTarget } from "../../static-targets.ts";
import type { PodPolicy } from "../pod-policy.ts";
import type { MetaSelection } from "../pods/pod-meta.ts";
import type { PodRecord, PodSelection } from "../pods/pod-record.ts";
import { annotationClaims, INSTANCES } from "./annotation-claims.ts";
import { type PodClaims, refusalOf } from "./pod-claims.ts";
import { prometheusIoAnnotations, prometheusIoClaims } from "./prometheus-io-claims.ts";
import { objection, type Refusal, type RefusalRule } from "./refusal.ts";

/** A target and the pod that asks for it. */
export interface PodTarget {
  readonly pod: PodRecord;
  readonly target: DesiredTarget;
}

export interface PodTargets {
  readonly targets: readonly PodTarget[];
  readonly refusals: readonly Refusal[];
}

/** It can hold a whole annotation, with its tokens, once more. */
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** What has to be kept of pods for the policy, and of labels `__meta_…` for rules. */
export function podSelection(
  policy: PodPolicy,
  isWanted?: MetaSelection["isWanted"],
): PodSelection {
  return {
    labels: policy.labelTags,
    annotations: [
      ...(policy.annotations ? [INSTANCES] : []),
      ...(policy.prometheusIo ? prometheusIoAnnotations : []),
    ],
    annotationBytes: policy.limits.annotationBytes,
    ...(isWanted && { meta: { isWanted, withheld: [INSTANCES, LAST_APPLIED] } }),
  };
}

/**
 * Turns the pods of the node into targets. A pod whose record is the same object as before is not looked at again, so its
 * targets are the same objects too.
 */
export class PodTargetReader {
  readonly #policy: PodPolicy;
  #claims = new Map<PodRecord, PodClaims>();

  constructor(policy: PodPolicy) {
    this.#policy = policy;
  }

  /** In the order of namespace and name, so that the limits hit the same ones each time. */
  read(pods: Iterable<PodRecord>): PodTargets {
    const sorted = [...pods].sort(byName);
    const claims = new Map<PodRecord, PodClaims>();
    const perNamespace = new Map<string, number>();
    const targets: PodTarget[] = [];
    const refusals: Refusal[] = [];
    for (const pod of sorted) {
      const found = this.#claims.get(pod) ?? podClaims(pod, this.#policy);
      claims.set(pod, found);
      refusals.push(...found.refusals);
      const before = perNamespace.get(pod.namespace) ?? 0;
      const { kept, refused } = this.#limited(pod, found.targets, before);
      perNamespace.set(pod.namespace, before + kept.length);
      targets.push(...kept.map((target) => ({ pod, target })));
      refusals.push(...refused);
    }
    this.#claims = claims;
    return { targets, refusals };
  }

  #limited(pod: PodRecord, claimed: readonly DesiredTarget[], before: number) {
    const { targetsPerPod, targetsPerNamespace } = this.#policy.limits;
    const room = Math.max(0, Math.min(targetsPerPod, targetsPerNamespace - before));
    const kept = claimed.slice(0, room);
    const over = claimed.length - kept.length;
    const rule: RefusalRule = room === targetsPerPod ? "targets_per_pod" : "targets_per_namespace";
    const most = room === targetsPerPod ? targetsPerPod : targetsPerNamespace;
    const detail = `at most ${most} targets of one ${room === targetsPerPod ? "pod" : "namespace"} on a node; the first are scraped`;
    const found = objection(INSTANCES, `${over} more targets`, rule, detail);
    return { kept, refused: over === 0 ? [] : [refusalOf(pod, found)] };
  }
}

/** Whether a pod is scraped at all: a terminating, failed or finished one is not. */
function isScraped({ phase, terminating, ips }: PodRecord): boolean {
  return phase === "Running" && !terminating && ips.length > 0;
}

function podClaims(pod: PodRecord, policy: PodPolicy): PodClaims {
  if (!isScraped(pod)) {
    return { targets: [], refusals: [] };
  }
  const oversized = Object.entries(pod.oversized).map(([name, bytes]) => {
    const detail = `at most ${policy.limits.annotationBytes} bytes`;
    return refusalOf(pod, objection(name, `${bytes} bytes`, "annotation_size", detail));
  });
  const text = pod.annotations[INSTANCES];
  const declared = text === undefined ? undefined : annotationClaims(text, pod, policy);
  const marked = policy.prometheusIo ? prometheusIoClaims(pod, policy) : undefined;
  return {
    targets: [...(declared?.targets ?? []), ...(marked?.targets ?? [])],
    refusals: [...oversized, ...(declared?.refusals ?? []), ...(marked?.refusals ?? [])],
  };
}

function byName(a: PodRecord, b: PodRecord): number {
  return compare(a.namespace, b.namespace) || compare(a.name, b.name) || compare(a.uid, b.uid);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
