import type { DesiredTarget } from "../../static-targets.ts";
import type { PodRecord } from "../pods/pod-record.ts";
import type { Objection, Refusal } from "./refusal.ts";

/** What one pod asks for and gets, and what it does not get. */
export interface PodClaims {
  readonly targets: readonly DesiredTarget[];
  readonly refusals: readonly Refusal[];
}

/** As pages and logs name the place where a target of a pod is declared. */
export function podPlace({ namespace, name }: PodRecord): string {
  return `pod ${namespace}/${name}`;
}

export function refusalOf(pod: PodRecord, found: Objection, line?: number): Refusal {
  const { namespace, name, uid } = pod;
  return { namespace, pod: name, uid, ...found, ...(line === undefined ? {} : { line }) };
}

/** Pod labels as tags: `.` and whatever else is no letter, digit, `_`, `-` or `/` becomes `_`. */
export function labelTags(
  { labels }: PodRecord,
  wanted: readonly string[],
): Record<string, string> {
  const pairs = wanted
    .filter((name) => labels[name] !== undefined && labels[name] !== "")
    .map((name) => [name.replace(/[^A-Za-z0-9_/-]/g, "_"), labels[name] ?? ""]);
  return Object.fromEntries(pairs);
}
