import { loadAgentSettings } from "../../src/config/settings/load-agent-settings.ts";
import {
  PodTargetReader,
  type PodTargets,
  podSelection,
} from "../../src/discovery/kubernetes/claims/pod-targets.ts";
import type { PodPolicy } from "../../src/discovery/kubernetes/pod-policy.ts";
import { type PodRecord, podRecordOf } from "../../src/discovery/kubernetes/pods/pod-record.ts";
import { type PodSketch, podObject } from "./kube-pod.ts";

const { settings } = await loadAgentSettings(undefined, {});

/** What pods may ask for where nothing is configured. */
export const defaultPolicy: PodPolicy = { ...settings.kubernetes.policy, apiServers: [] };

/** The record of a pod as it would be kept. */
export function record(
  sketch: PodSketch,
  policy: PodPolicy = defaultPolicy,
  isWanted?: (label: string) => boolean,
): PodRecord {
  const found = podRecordOf(podObject(sketch, "1"), podSelection(policy, isWanted));
  if (found === undefined) throw new Error(`no pod ${sketch.name}`);
  return found;
}

/** What pods come to, with the default policy but for `changes`. */
export function claimsOf(
  sketches: readonly PodSketch[],
  changes: Partial<PodPolicy> = {},
): PodTargets {
  const policy = { ...defaultPolicy, ...changes };
  return new PodTargetReader(policy).read(sketches.map((sketch) => record(sketch, policy)));
}

export function urlsOf({ targets }: PodTargets): string[] {
  return targets.map(({ target: { address } }) =>
    address.kind === "http" ? address.url : address.path,
  );
}

/** An annotation with one table. */
export function instances(...lines: readonly string[]): Record<string, string> {
  return { "datakit/prom.instances": `[[inputs.prom]]\n${lines.join("\n")}\n` };
}
