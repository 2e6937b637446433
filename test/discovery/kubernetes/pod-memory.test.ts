import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { PodRelabel } from "../../../src/agent/targets/pod-relabel.ts";
import {
  PodTargetReader,
  podSelection,
} from "../../../src/discovery/kubernetes/claims/pod-targets.ts";
import { podRecordOf } from "../../../src/discovery/kubernetes/pods/pod-record.ts";
import type { RelabelRule } from "../../../src/rules/relabel/relabel-rule.ts";
import { MIB } from "../../../src/units.ts";
import { podObject } from "../../support/kube-pod.ts";
import { defaultPolicy, instances } from "../../support/pod-claims.ts";

const PODS = 250;

/** As long as published annotations are. */
function annotation(): Record<string, string> {
  const names = Array.from({ length: 60 }, (_, i) => `"istio_some_metric_name_${i}"`);
  return instances('url = "http://$IP:15020/m"', `metric_name_filter = [${names.join(",")}]`);
}

function heapAfterCollection(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

function bytesOf(relabel: PodRelabel): { bytes: number; targets: number } {
  const reader = new PodTargetReader(defaultPolicy);
  const selection = podSelection(defaultPolicy, relabel.isRead);
  const record = (i: number) => {
    const sketch = {
      name: `pod-${i}`,
      ips: [`10.1.0.${i}`],
      labels: { "app.kubernetes.io/name": `app-${i}`, "pod-template-hash": `5d4f${i}` },
      owner: `ReplicaSet/app-${i}`,
      annotations: annotation(),
    };
    // Each pod is parsed from a text of its own, as events are.
    const object: unknown = JSON.parse(JSON.stringify(podObject(sketch, String(i))));
    const found = podRecordOf(object, selection);
    if (found === undefined) throw new Error("no pod");
    return found;
  };
  relabel.apply(reader.read([record(0)]).targets, defaultPolicy);
  const before = heapAfterCollection();
  const records = Array.from({ length: PODS }, (_, i) => record(i));
  const { targets } = relabel.apply(reader.read(records).targets, defaultPolicy);
  const bytes = heapAfterCollection() - before;
  expect(records).toHaveLength(PODS);
  return { bytes, targets: targets.length };
}

const META = "__meta_kubernetes_pod_";
/** What Prometheus' users have for pods. */
const RULES: readonly RelabelRule[] = [
  { action: "labelmap", sourceLabels: [], targetLabel: "", modulus: 0, regex: `${META}label_(.+)` },
  ...["name", "node_name", "controller_name", "container_name"].map(
    (name): RelabelRule => ({
      action: "replace",
      sourceLabels: [META + name],
      targetLabel: name,
      modulus: 0,
    }),
  ),
];

test.each([
  ["2 MB without rules", 2, []],
  ["2.5 MB with labels for rules, and what these make", 2.5, RULES],
])("250 pods with their targets take less than %s", (_, limit, rules) => {
  const targetRelabel = { flavour: "prometheus", rules } as const;
  const { bytes, targets } = bytesOf(new PodRelabel({ targetRelabel, protectMode: true }));
  expect(targets).toBe(PODS);
  expect(bytes).toBeLessThan(limit * MIB);
  expect(bytes).toBeGreaterThan(100_000);
});
