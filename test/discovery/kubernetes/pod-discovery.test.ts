import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { PodRelabel } from "../../../src/agent/targets/pod-relabel.ts";
import { systemClock } from "../../../src/clock.ts";
import type { KubernetesSettings } from "../../../src/config/settings/kubernetes-settings.ts";
import type { PodRules } from "../../../src/discovery/kubernetes/claims/pod-rules.ts";
import type { PodTarget } from "../../../src/discovery/kubernetes/claims/pod-targets.ts";
import type { Refusal } from "../../../src/discovery/kubernetes/claims/refusal.ts";
import { PodDiscovery } from "../../../src/discovery/kubernetes/pod-discovery.ts";
import { KubeApi } from "../../support/kube-api.ts";
import { kubeconfigFor } from "../../support/kubeconfig.ts";
import { defaultPolicy, instances, urlsOf } from "../../support/pod-claims.ts";
import { scratchDirectory } from "../../support/scratch-directory.ts";
import { until } from "../../support/until.ts";

const NO_RULES: PodRules = { apply: (targets) => ({ targets, refusals: [] }) };

async function discover(
  api: KubeApi,
  changes: Partial<KubernetesSettings> = {},
  rules: PodRules = NO_RULES,
) {
  let targets: readonly PodTarget[] = [];
  let located: readonly string[] = [];
  const refused: Refusal[] = [];
  const troubles: string[] = [];
  const discovery = new PodDiscovery({
    settings: {
      enabled: true,
      nodeName: "node-1",
      kubeconfig: kubeconfigFor(api),
      events: false,
      policy: defaultPolicy,
      ...changes,
    },
    clock: systemClock,
    rules,
    located: (addresses) => {
      located = addresses;
    },
    changed: (found) => {
      targets = found;
    },
    refused: (refusal) => refused.push(refusal),
    trouble: ({ detail }) => troubles.push(detail),
  });
  await discovery.start(new AbortController().signal);
  onTestFinished(() => discovery.stop());
  const urls = (expected: readonly string[]) =>
    until(`targets ${expected.join(" ")}`, 1000, () =>
      JSON.stringify(urlsOf({ targets, refusals: [] })) === JSON.stringify(expected)
        ? true
        : undefined,
    );
  return { discovery, refused, troubles, urls, targets: () => targets, located: () => located };
}

const annotations = instances('url = "http://$IP:8080/m"');

test("from pod to target and away again", async () => {
  const api = await KubeApi.start();
  const { urls } = await discover(api);
  api.store.put({ name: "a", annotations, phase: "Pending", ips: [] });
  api.store.put({ name: "a", annotations, ips: ["10.1.0.1"] });
  await urls(["http://10.1.0.1:8080/m"]);
  api.store.put({ name: "a", annotations, ips: ["10.1.0.9"] });
  await urls(["http://10.1.0.9:8080/m"]);
  api.store.put({ name: "a", annotations, ips: ["10.1.0.9"], terminating: true });
  await urls([]);
});

test("addresses of the node and of its pods are told, those of finished pods are not", async () => {
  const api = await KubeApi.start();
  const { located } = await discover(api);
  const hostIp = "10.0.0.5";
  api.store.put({ name: "a", ips: ["10.1.0.1", "fd00::1"], hostIp });
  api.store.put({ name: "done", ips: ["10.1.0.2"], hostIp, phase: "Succeeded" });
  api.store.put({ name: "failed", ips: ["10.1.0.3"], hostIp, phase: "Failed" });
  api.store.put({ name: "away", ips: ["10.1.0.4"], hostIp: "10.0.0.6", node: "node-2" });
  api.store.put({ name: "b", ips: ["10.1.0.5"], hostIp });
  await until("both pods", 1000, () => (located().includes("10.1.0.5") ? true : undefined));
  expect(new Set(located())).toEqual(new Set([hostIp, "10.1.0.1", "fd00::1", "10.1.0.5"]));
});

test("the API server that is spoken to is no target", async () => {
  const api = await KubeApi.start();
  const { refused, urls } = await discover(api);
  const url = `http://127.0.0.1:${new URL(api.url).port}/`;
  api.store.put({ name: "a", annotations: instances(`url = "${url}"`) });
  api.store.put({ name: "b", annotations });
  await urls(["http://10.1.0.1:8080/m"]);
  expect(refused.map(({ rule }) => rule)).toEqual(["loopback"]);
});

test("a refusal is told once, and again when it comes again", async () => {
  const api = await KubeApi.start();
  const { refused, discovery, urls } = await discover(api);
  const bad = instances('urls = ["http://$IP:8080/m", "/etc/shadow"]');
  api.store.put({ name: "a", annotations: bad });
  await urls(["http://10.1.0.1:8080/m"]);
  api.store.put({ name: "b", annotations, ips: ["10.1.0.2"] });
  await urls(["http://10.1.0.1:8080/m", "http://10.1.0.2:8080/m"]);
  expect(refused).toHaveLength(1);
  expect(discovery.status().refusals).toMatchObject([{ pod: "a", rule: "not_http" }]);
  api.store.put({ name: "a", annotations });
  await until("no refusal", 1000, () =>
    discovery.status().refusals.length === 0 ? true : undefined,
  );
  api.store.put({ name: "a", annotations: bad });
  await until("two", 1000, () => (refused.length === 2 ? true : undefined));
});

test("events: the owner of the pod sees it there, once", async () => {
  const api = await KubeApi.start();
  await discover(api, { events: true });
  api.store.put({ name: "a", namespace: "shop", annotations: instances('url = "/etc/shadow"') });
  const [event] = await until("an event", 2000, () =>
    api.events.taken.length > 0 ? api.events.taken : undefined,
  );
  expect(event).toEqual({
    namespace: "shop",
    pod: "a",
    type: "Warning",
    reason: "PromlineRefused",
    message:
      "promline does not do what inputs.prom.urls (line 1) asks for: file path, rule not_http. write http:// or https://",
  });
  api.store.put({ name: "a", namespace: "shop", annotations });
  api.store.put({ name: "a", namespace: "shop", annotations: instances('url = "/etc/shadow"') });
  api.store.put({ name: "b", namespace: "shop", annotations: instances('url = "x"') });
  await until("another", 2000, () => (api.events.taken.length > 1 ? true : undefined));
  expect(api.events.taken.map(({ pod }) => pod)).toEqual(["a", "b"]);
  expect(api.violations).toEqual([]);
});

test("a target that is too large pauses", async () => {
  const api = await KubeApi.start();
  const { urls, discovery, targets } = await discover(api);
  api.store.put({ name: "a", annotations });
  await urls(["http://10.1.0.1:8080/m"]);
  const key = targets()[0]?.target.key ?? "";
  discovery.recordUsage(key, { samples: 2e6, series: 1, outputBytes: 1 });
  expect(targets()).toEqual([]);
  expect(discovery.status().refusals).toMatchObject([{ rule: "samples_per_pod" }]);
});

test("rules of the agent see what changes of a pod, and only that reaches its target", async () => {
  const api = await KubeApi.start();
  const targetRelabel = {
    flavour: "prometheus",
    rules: [
      { action: "keep", regex: "true", ...source("__meta_kubernetes_pod_ready") },
      { action: "replace", ...source("__meta_kubernetes_pod_label_tier"), targetLabel: "tier" },
      {
        action: "replace",
        ...source("__meta_kubernetes_pod_label_at"),
        targetLabel: "__address__",
        regex: "(.+)",
      },
    ],
  } as const;
  const { urls, refused, targets } = await discover(
    api,
    {},
    new PodRelabel({ targetRelabel, protectMode: true }),
  );
  api.store.put({ name: "a", annotations, ready: false });
  api.store.put({ name: "b", annotations, ready: true, ips: ["10.1.0.2"] });
  await urls(["http://10.1.0.2:8080/m"]);
  const [first] = targets();
  api.store.put({ name: "a", annotations, ready: true, labels: { tier: "web" } });
  await urls(["http://10.1.0.1:8080/m", "http://10.1.0.2:8080/m"]);
  expect(targets()[0]?.target.overridingTags).toEqual({ tier: "web" });
  expect(targets()[1]?.target).toBe(first?.target);
  api.store.put({ name: "a", annotations, ready: true, labels: { at: "10.9.9.9" } });
  await urls(["http://10.1.0.2:8080/m"]);
  expect(refused).toMatchObject([{ pod: "a", key: "relabel_configs", rule: "foreign_address" }]);
});

function source(label: string) {
  return { sourceLabels: [label], targetLabel: "", modulus: 0 };
}

test("a kubeconfig that is not there yet is looked for again", async () => {
  const api = await KubeApi.start();
  api.store.put({ name: "a", annotations });
  const kubeconfig = join(scratchDirectory("late"), "config");
  const { troubles, discovery, urls } = await discover(api, { kubeconfig });
  expect(troubles[0]).toContain("ENOENT");
  expect(discovery.status()).toMatchObject({ synced: false, pods: 0 });
  expect(discovery.notReady()).toContain(`there is no way to the API server: kubeconfig`);
  copyFileSync(kubeconfigFor(api), kubeconfig);
  await urls(["http://10.1.0.1:8080/m"]);
  expect(discovery.notReady()).toBeUndefined();
});

test("a token that is not there yet is looked for again", async () => {
  const api = await KubeApi.start({ tokens: ["late"] });
  api.store.put({ name: "a", annotations });
  const tokenFile = join(scratchDirectory("late"), "token");
  const kubeconfig = kubeconfigFor(api, { tokenFile });
  const { discovery, urls } = await discover(api, { kubeconfig });
  await until("the reason", 1000, () => discovery.notReady()?.includes("ENOENT") || undefined);
  writeFileSync(tokenFile, "late\n");
  await urls(["http://10.1.0.1:8080/m"]);
});

test("not ready until the pods are listed and may be watched, and says which right is missing", async () => {
  const api = await KubeApi.start();
  api.denied = ["list", "watch"];
  const { discovery } = await discover(api);
  const says = (text: string) =>
    until(text, 2000, () => discovery.notReady()?.includes(text) || undefined);
  await says("the pods of node node-1 are not listed yet");
  await says('cannot list resource "pods"');
  await says("grant the agent's service account the verbs list and watch on pods");
  api.denied = ["watch"];
  await says("are not watched yet");
  await says('cannot watch resource "pods"');
  api.denied = [];
  await until("ready", 3000, () => (discovery.notReady() === undefined ? true : undefined));
  await api.down();
  await until("away", 1000, () => (discovery.status().connected ? undefined : true));
  expect(discovery.notReady()).toBeUndefined();
});

test("an API server that is away at the start is the reason, until it comes", async () => {
  const api = await KubeApi.start();
  await api.down();
  const { discovery } = await discover(api);
  const says = (text: string) =>
    until(text, 1000, () => discovery.notReady()?.includes(text) || undefined);
  await says("the API server is away");
  await api.up();
  await until("ready", 2000, () => (discovery.notReady() === undefined ? true : undefined));
});
