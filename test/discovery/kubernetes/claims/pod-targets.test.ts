import { expect, test } from "vitest";
import { PodTargetReader } from "../../../../src/discovery/kubernetes/claims/pod-targets.ts";
import { claimsOf, defaultPolicy, instances, record, urlsOf } from "../../../support/pod-claims.ts";

const annotations = instances('url = "http://$IP:8080/"');

for (const [what, changes, count] of [
  ["running", {}, 1],
  ["pending", { phase: "Pending" }, 0],
  ["failed", { phase: "Failed" }, 0],
  ["done", { phase: "Succeeded" }, 0],
  ["terminating", { terminating: true }, 0],
  ["without an address yet", { ips: [] }, 0],
  ["dual stack", { ips: ["10.1.0.1", "fd00::1"] }, 1],
  ["IPv6 only", { ips: ["fd00::1"] }, 1],
  ["with a restarted container", { restarts: 7 }, 1],
  ["on the host network", { hostNetwork: true, ips: ["192.0.2.1"] }, 1],
] as const) {
  test(`a pod ${what} has ${count} target`, () => {
    const found = claimsOf([{ name: "p", annotations, ...changes }]);
    expect(found.targets).toHaveLength(count);
    expect(found.refusals).toEqual([]);
  });
}

test("a pod that did not change keeps its very targets; another address or interval makes others", () => {
  const reader = new PodTargetReader(defaultPolicy);
  const same = record({ name: "a", annotations });
  const before = reader.read([same, record({ name: "b", annotations })]);
  const moved = record({ name: "b", annotations, ips: ["10.1.0.9"] });
  const after = reader.read([moved, same]);
  expect(after.targets[0]?.target).toBe(before.targets[0]?.target);
  expect(after.targets[1]?.target.key).not.toBe(before.targets[1]?.target.key);
  const slower = instances('url = "http://$IP:8080/"', 'interval = "60s"');
  const changed = reader.read([record({ name: "a", annotations: slower })]);
  expect(changed.targets[0]?.target.input.intervalMs).toBe(60_000);
});

test("limits hit the last of a pod and of a namespace", () => {
  const limits = { ...defaultPolicy.limits, targetsPerPod: 2, targetsPerNamespace: 3 };
  const three = instances('urls = ["http://$IP/1", "http://$IP/2", "http://$IP/3"]');
  const found = claimsOf(
    [
      { name: "b", annotations: three },
      { name: "a", annotations: three },
      { name: "c", namespace: "other", annotations },
    ],
    { limits },
  );
  expect(urlsOf(found)).toHaveLength(4);
  expect(found.refusals).toMatchObject([
    { pod: "a", rule: "targets_per_pod", valueClass: "1 more targets" },
    { pod: "b", rule: "targets_per_namespace", valueClass: "2 more targets" },
  ]);
});

test("without the setting no annotation is looked at", () => {
  expect(claimsOf([{ name: "a", annotations }], { annotations: false }).targets).toEqual([]);
  const marked = { "prometheus.io/scrape": "true" };
  expect(claimsOf([{ name: "a", annotations: marked }]).targets).toEqual([]);
});
