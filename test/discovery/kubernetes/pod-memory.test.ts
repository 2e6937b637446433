import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { podRecordOf } from "../../../src/discovery/kubernetes/pod-record.ts";
import { PodTargetReader, podSelection } from "../../../src/discovery/kubernetes/pod-targets.ts";
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

test("250 pods with their targets take less than 2 MB", () => {
  const reader = new PodTargetReader(defaultPolicy);
  const record = (i: number) => {
    const sketch = { name: `pod-${i}`, ips: [`10.1.0.${i}`], annotations: annotation() };
    // Each pod is parsed from a text of its own, as events are.
    const object: unknown = JSON.parse(JSON.stringify(podObject(sketch, String(i))));
    const found = podRecordOf(object, podSelection(defaultPolicy));
    if (found === undefined) throw new Error("no pod");
    return found;
  };
  reader.read([record(0)]);
  const before = heapAfterCollection();
  const records = Array.from({ length: PODS }, (_, i) => record(i));
  const { targets } = reader.read(records);
  const bytes = heapAfterCollection() - before;
  expect(targets).toHaveLength(PODS);
  expect(records).toHaveLength(PODS);
  expect(bytes).toBeLessThan(2 * MIB);
  expect(bytes).toBeGreaterThan(100_000);
});
