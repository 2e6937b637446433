import { createHash } from "node:crypto";
import type { PodTarget } from "./kubernetes/claims/pod-targets.ts";
import type { DesiredTarget } from "./static-targets.ts";

/** Somebody who asks for a target: a table of a drop-in, or a pod. */
interface Claim {
  /** As pages name it: a path, or `pod namespace/name`. */
  readonly by: string;
  /** In that text, from 1. */
  readonly line?: number;
  readonly source: string;
  /** Its declaration is the one that counts: interval, rules and tags. */
  readonly counts: boolean;
}

export interface MergedTarget {
  readonly target: DesiredTarget;
  /** All who ask for this URL with these credentials, the one that counts first. */
  readonly claims: readonly Claim[];
}

interface Asked {
  readonly owner: string;
  readonly targets: Map<string, { readonly target: DesiredTarget; readonly claims: Claim[] }>;
}

/** The owner of everything in conf.d; of the others, one annotation of one pod each. */
const OPERATOR = "";

/**
 * One scrape for each effective URL with the same credentials, whoever asks for it: drop-ins before pods, then the first. Two
 * tables of one owner (the operator, one pod) for one URL that differ in anything are two targets on purpose, say with other
 * filters and another measurement, and both run.
 */
export function mergeTargets(
  declared: readonly DesiredTarget[],
  pods: readonly PodTarget[],
): MergedTarget[] {
  const asked = new Map<string, Asked>();
  for (const target of declared) {
    claim(asked, OPERATOR, target);
  }
  for (const { pod, target } of pods) {
    claim(asked, `${pod.uid} ${target.file}`, target);
  }
  return [...asked.values()].flatMap(({ targets }) => [...targets.values()]);
}

function claim(all: Map<string, Asked>, owner: string, target: DesiredTarget): void {
  const request = requestKey(target);
  const asked = all.get(request) ?? { owner, targets: new Map() };
  all.set(request, asked);
  const same = asked.targets.get(target.key);
  if (same === undefined && asked.owner === owner) {
    asked.targets.set(target.key, { target, claims: [claimOf(target, true)] });
    return;
  }
  const [first] = asked.targets.values();
  (same ?? first)?.claims.push(claimOf(target, false));
}

function claimOf({ file, position, input }: DesiredTarget, counts: boolean): Claim {
  const line = position === undefined ? {} : { line: position.line };
  return { by: file, ...line, source: input.source, counts };
}

/** What the target would see: its request, or the path of its file, and all that proves who asks. */
function requestKey({ address, input }: DesiredTarget): string {
  const { httpHeaders, bearer, tls, udsPath } = input;
  const request = address.kind === "http" ? address.request : `file:${address.path}`;
  return createHash("sha256")
    .update(JSON.stringify([request, httpHeaders, bearer, tls, udsPath]))
    .digest("hex");
}
