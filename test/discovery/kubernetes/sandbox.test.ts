import { describe, expect, test } from "vitest";
import {
  PodTargetReader,
  podSelection,
} from "../../../src/discovery/kubernetes/claims/pod-targets.ts";
import { podRecordOf } from "../../../src/discovery/kubernetes/pods/pod-record.ts";
import { ATTACKED_API_SERVERS, type Attack, attacks } from "../../support/attacks.ts";
import { podObject } from "../../support/kube-pod.ts";
import { defaultPolicy } from "../../support/pod-claims.ts";

const policy = { ...defaultPolicy, prometheusIo: true, apiServers: ATTACKED_API_SERVERS };

function judge({ pod }: Attack) {
  const record = podRecordOf(podObject(pod, "1"), podSelection(policy));
  if (record === undefined) throw new Error("no pod");
  return new PodTargetReader(policy).read([record]);
}

test("there are at least 60 attacks", () => {
  expect(attacks().filter(({ refused }) => refused.length > 0).length).toBeGreaterThanOrEqual(60);
});

describe("attack annotations", () => {
  for (const attack of attacks()) {
    test(attack.name, () => {
      const { targets, refusals } = judge(attack);
      expect(refusals.map(({ rule, key }) => `${rule} ${key}`)).toEqual(attack.refused);
      const urls = targets.map(({ target: { address } }) =>
        address.kind === "http" ? address.url : address.path,
      );
      if (attack.name === "many-targets") {
        expect(urls).toHaveLength(policy.limits.targetsPerPod);
      } else {
        expect(urls).toEqual(attack.scraped);
      }
    });
  }
});

test("a refusal names pod, key, class of the value and rule, and not the value", () => {
  const attack = attacks().find(({ name }) => name === "userinfo");
  expect(attack === undefined ? [] : judge(attack).refusals).toEqual([
    {
      namespace: "default",
      pod: "userinfo",
      uid: "uid-default-userinfo",
      key: "inputs.prom.urls",
      valueClass: "foreign address",
      rule: "foreign_address",
      detail: "only addresses of the pod itself may be scraped; write $IP",
      line: 3,
    },
  ]);
});

test("no text that a pod may write keeps the agent busy", () => {
  const nasty = [
    "a=1\n".repeat(4000),
    `[[inputs.prom]]\n${Array.from({ length: 3000 }, (_, i) => `k${i}=1`).join("\n")}`,
    "[[inputs.prom]]\n".repeat(1000),
    `[[inputs.prom]]\nmetric_name_filter=[${'"((a*)*)*",'.repeat(250)}]`,
    `x=${"[".repeat(8000)}`,
    `[${"a.".repeat(7000)}a]`,
    `[[inputs.prom]]\nurl="http://$IP/${"$IP".repeat(5000)}"`,
  ];
  for (const text of nasty) {
    const start = performance.now();
    judge({
      name: "n",
      pod: { name: "n", annotations: { "datakit/prom.instances": text } },
      refused: [],
      scraped: [],
    });
    expect(performance.now() - start, text.slice(0, 40)).toBeLessThan(500);
  }
});

describe("what the operator widens", () => {
  const read = (changes: Partial<typeof policy>, url: string) => {
    const annotations = { "datakit/prom.instances": `[[inputs.prom]]\nurl = "${url}"\n` };
    const widened = { ...policy, ...changes };
    const record = podRecordOf(podObject({ name: "p", annotations }, "1"), podSelection(widened));
    if (record === undefined) throw new Error("no pod");
    return new PodTargetReader(widened).read([record]).targets.length;
  };

  test("networks that any pod may name", () => {
    expect(read({ allowAddresses: ["203.0.113.0/24"] }, "http://203.0.113.9/")).toBe(1);
    expect(read({ allowAddresses: ["203.0.113.0/24"] }, "http://203.0.114.9/")).toBe(0);
    expect(read({ allowAddresses: ["fd00::/8"] }, "http://[fd01::1]/")).toBe(1);
    expect(read({ allowAddresses: ["nonsense", "1.2.3.4/99"] }, "http://1.2.3.4/")).toBe(0);
  });

  test("the sandbox off", () => {
    expect(read({ sandbox: false }, "http://prometheus.monitoring.svc:9090/")).toBe(1);
    expect(read({ sandbox: false }, "/var/lib/page.prom")).toBe(1);
  });

  test("but never rules for targets, which would not be followed", () => {
    const rules =
      'relabel_configs = [{ target_label = "a", replacement = "1" }]\nurl = "http://$IP/';
    const lines = [`"\n${rules}`, `"\nrelabel_config_file = "r.yml"\nsource = "`];
    for (const line of lines) {
      expect(read({ sandbox: false }, `http://$IP/m${line}`)).toBe(0);
    }
  });
});
