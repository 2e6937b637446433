import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { singleManifest } from "../../deploy/single-manifest.ts";
import { parsePromInputs } from "../../src/config/input/parse-prom-inputs.ts";
import { loadAgentSettings } from "../../src/config/settings/load-agent-settings.ts";
import { CHECKOUT } from "../support/agent-process.ts";
import { type Manifest, modelFaults } from "../support/kube-models.ts";
import { kustomize, manifestsOf } from "../support/kustomize.ts";
import { grants, hostPaths, privilegeFaults } from "../support/least-privilege.ts";

const OVERLAYS = join(CHECKOUT, "deploy", "kustomize", "overlays");
const single = manifestsOf(readFileSync(join(CHECKOUT, "daemonset.yaml"), "utf8"));
const etcd = kustomize(join(OVERLAYS, "etcd"));
const dev = kustomize(join(OVERLAYS, "dev"));

function daemonSet(manifests: readonly Manifest[]): Manifest {
  const found = manifests.find(({ kind }) => kind === "DaemonSet");
  if (found === undefined) throw new Error("no DaemonSet");
  return found;
}

function inputs(manifests: readonly Manifest[]) {
  const texts = manifests
    .filter(({ kind }) => kind === "ConfigMap")
    .flatMap((map) => Object.entries<string>(map["data"]));
  return texts.map(([file, text]) => {
    const expandEnvironment = { NAMESPACE: "n", PODNAME: "p", ENV_K8S_NODE_IP: "192.0.2.1" };
    return { file, ...parsePromInputs(text, { file, expandEnvironment, allowSingleTable: true }) };
  });
}

test("daemonset.yaml is the base", () => {
  expect(readFileSync(join(CHECKOUT, "daemonset.yaml"), "utf8")).toBe(singleManifest());
  expect(single).toEqual(kustomize(join(CHECKOUT, "deploy", "kustomize", "base")));
});

test("the models accept all of them, and nothing that is misspelt", { timeout: 60_000 }, () => {
  expect(modelFaults([...single, ...etcd, ...dev])).toEqual([]);
  const wrong = structuredClone(daemonSet(single));
  wrong["spec"].template.spec.containers[0].resorces = {};
  expect(modelFaults([wrong]).join()).toContain("resorces");
  const typed = structuredClone(daemonSet(single));
  typed["spec"].template.spec.containers[0].ports[0].containerPort = "9529";
  expect(modelFaults([typed])).not.toEqual([]);
});

test("the agent may read pods, and nothing else", () => {
  expect(grants(single)).toEqual(["list,watch /pods"]);
  expect(grants(dev)).toEqual(["list,watch /pods"]);
  expect(grants(etcd)).toEqual([]);
});

test("no privilege beyond what is needed", () => {
  expect(privilegeFaults(daemonSet(single), ["data-owner"])).toEqual([]);
  expect(privilegeFaults(daemonSet(dev), [])).toEqual([]);
  expect(privilegeFaults(daemonSet(etcd), ["promline"])).toEqual([]);
  expect(hostPaths(daemonSet(single))).toEqual([
    "/var/lib/promline data-owner rw",
    "/var/lib/promline promline rw",
  ]);
  expect(hostPaths(daemonSet(dev))).toEqual([]);
  expect(hostPaths(daemonSet(etcd))).toEqual(["/etc/kubernetes/pki/etcd promline ro"]);
});

test("a check that finds nothing would be none", () => {
  const bad = structuredClone(daemonSet(single));
  const { spec } = bad["spec"].template;
  spec.hostNetwork = true;
  spec.containers[0].securityContext = { runAsUser: 0, capabilities: { add: ["NET_ADMIN"] } };
  expect(privilegeFaults(bad, ["data-owner"]).length).toBeGreaterThan(5);
});

test("every node, in waves of a tenth, with the resources that were asked for", () => {
  const { spec } = daemonSet(single);
  expect(spec.updateStrategy.rollingUpdate.maxUnavailable).toBe("10%");
  expect(spec.template.spec).toMatchObject({
    tolerations: [{ operator: "Exists" }],
    priorityClassName: "system-node-critical",
  });
  const [agent] = spec.template.spec.containers;
  expect(agent.resources).toEqual({
    requests: { cpu: "50m", memory: "128Mi" },
    limits: { memory: "192Mi" },
  });
  expect(agent).toMatchObject({ livenessProbe: {}, readinessProbe: {}, startupProbe: {} });
});

test("etcd runs on control-plane nodes alone, without a token and without pods", () => {
  const { spec } = daemonSet(etcd)["spec"].template;
  expect(spec.automountServiceAccountToken).toBe(false);
  expect(spec.nodeSelector).toHaveProperty(["node-role.kubernetes.io/control-plane"]);
  const names = spec.containers[0].env.map(({ name }: { name: string }) => name);
  expect(names).not.toContain("ENV_K8S_NODE_NAME");
  expect(names).not.toContain("NODE_NAME");
});

test("drop-ins are read without a word, and their ConfigMap is mounted as conf.d", () => {
  for (const manifests of [single, etcd, dev]) {
    for (const { file, issues, inputs: found } of inputs(manifests)) {
      expect([file, issues]).toEqual([file, []]);
      expect(found).toHaveLength(1);
    }
    const { containers, volumes } = daemonSet(manifests)["spec"].template.spec;
    const map = manifests.find(({ kind }) => kind === "ConfigMap");
    expect(volumes).toContainEqual({ name: "drop-ins", configMap: { name: map?.metadata.name } });
    expect(containers[0].volumeMounts).toContainEqual({
      name: "drop-ins",
      mountPath: "/etc/promline/conf.d",
      readOnly: true,
    });
  }
});

test("nothing is mounted by subPath, which the kubelet does not update", () => {
  for (const manifests of [single, etcd, dev]) {
    expect(JSON.stringify(daemonSet(manifests))).not.toContain("subPath");
  }
});

test("the token is a mounted file, for the group of the agent alone", () => {
  for (const manifests of [single, etcd, dev]) {
    const { containers, volumes, securityContext } = daemonSet(manifests)["spec"].template.spec;
    const [{ env, volumeMounts, securityContext: own }] = containers;
    const path = "/etc/promline/dataway";
    expect(env).toContainEqual({ name: "ENV_DATAWAY", value: `ENC[file://${path}/url]` });
    expect(volumeMounts).toContainEqual({ name: "dataway", mountPath: path, readOnly: true });
    const items = [{ key: "url", path: "url" }];
    const secret = { secretName: "promline-dataway", defaultMode: 0o440, items };
    expect(volumes).toContainEqual({ name: "dataway", secret });
    expect(own.runAsUser === 0 || securityContext.fsGroup === 65_532).toBe(true);
  }
});

test("the token that stands there is refused by its name", async () => {
  const secret = single.find(({ kind }) => kind === "Secret");
  const environment = { ENV_DATAWAY: secret?.["stringData"].url };
  const { issues } = await loadAgentSettings(undefined, environment);
  expect(issues.map(({ severity, message }) => [severity, message])).toEqual([
    ["error", expect.stringContaining('"tkn_REPLACE_ME" is a placeholder')],
  ]);
});

test("the priority class comes with the ResourceQuota that managed clusters ask for", () => {
  const { priorityClassName } = daemonSet(single)["spec"].template.spec;
  const quota = single.find(({ kind }) => kind === "ResourceQuota");
  expect(quota?.metadata.namespace).toBe(daemonSet(single).metadata.namespace);
  expect(quota?.["spec"].scopeSelector.matchExpressions).toEqual([
    { operator: "In", scopeName: "PriorityClass", values: [priorityClassName] },
  ]);
});

test("nobody but the node reaches the agents, those for etcd among them", () => {
  const policy = single.find(({ kind }) => kind === "NetworkPolicy")?.["spec"];
  expect(policy).toMatchObject({ policyTypes: ["Ingress"], ingress: [] });
  const names = [single, etcd].map(
    (one) => daemonSet(one)["spec"].template.metadata.labels["app.kubernetes.io/name"],
  );
  expect(policy.podSelector.matchExpressions[0].values).toEqual(names);
});

test("the token is the one thing to fill in", () => {
  const text = readFileSync(join(CHECKOUT, "daemonset.yaml"), "utf8");
  expect(text.match(/REPLACE/g)).toHaveLength(1);
});
