import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "@iarna/toml";
import { expect, test } from "vitest";
import { renderEffective } from "../../../src/config/effective.ts";
import type { Environment } from "../../../src/config/language/environment.ts";
import { formatIssue } from "../../../src/config/language/issue-text.ts";
import { loadAgentSettings } from "../../../src/config/settings/load-agent-settings.ts";
import { scratchDirectory } from "../../support/scratch-directory.ts";

async function load(environment: Environment, toml = "") {
  const file = join(scratchDirectory("settings"), "promline.toml");
  writeFileSync(file, toml);
  const { settings, issues } = await loadAgentSettings(file, environment);
  return { settings, issues: issues.map((issue) => formatIssue(issue).replace(/^.*toml:/, "")) };
}

const POD: Environment = {
  ENV_K8S_NODE_NAME: "node-1",
  KUBERNETES_SERVICE_HOST: "10.96.0.1",
  KUBERNETES_SERVICE_PORT: "443",
};

for (const [what, environment, toml, enabled] of [
  ["a pod of a cluster that knows its node", POD, "", true],
  ["a pod that does not", { ...POD, ENV_K8S_NODE_NAME: "" }, "", false],
  ["no cluster", { ENV_K8S_NODE_NAME: "node-1" }, "", false],
  ["a kubeconfig and a node", { KUBECONFIG: "/k", NODE_NAME: "n" }, "", true],
  ["a kubeconfig alone", { KUBECONFIG: "/k" }, "", false],
  ["turned off", POD, '[kubernetes]\nenable = "off"', false],
] as const) {
  test(`pods are watched: ${what}: ${enabled}`, async () => {
    const { settings, issues } = await load(environment, toml);
    expect(settings.kubernetes.enabled).toBe(enabled);
    expect(issues).toEqual([]);
  });
}

test("turned on without what it needs", async () => {
  const { issues } = await load({}, '[kubernetes]\nenable = "on"');
  expect(issues).toEqual([
    expect.stringContaining("is on and lacks the name of the node: set ENV_K8S_NODE_NAME"),
  ]);
});

test("DataKit's variables", async () => {
  const { settings } = await load({
    ENV_INPUT_CONTAINER_ENABLE_AUTO_DISCOVERY_OF_PROMETHEUS_POD_ANNOTATIONS: "true",
    ENV_INPUT_CONTAINER_EXTRACT_K8S_LABEL_AS_TAGS_V2_FOR_METRIC: '["app", "tier"]',
  });
  expect(settings.kubernetes.policy).toMatchObject({
    prometheusIo: true,
    labelTags: ["app", "tier"],
  });
});

test("variables for what a chart sets: the sandbox, its networks, Events and limits", async () => {
  const { settings, issues } = await load({
    ...POD,
    ENV_KUBERNETES_SANDBOX: "true",
    ENV_KUBERNETES_ALLOW_ADDRESSES: "10.0.0.0/8,fd00::/8",
    ENV_KUBERNETES_EVENTS: "true",
    ENV_KUBERNETES_LIMIT_TARGETS_PER_POD: "3",
    ENV_KUBERNETES_LIMIT_SHORTEST_INTERVAL: "5s",
    ENV_KUBERNETES_LIMIT_OUTPUT_PER_NAMESPACE: "1048576",
  });
  expect(issues).toEqual([]);
  expect(settings.kubernetes).toMatchObject({
    events: true,
    policy: {
      sandbox: true,
      allowAddresses: ["10.0.0.0/8", "fd00::/8"],
      limits: { targetsPerPod: 3, intervalMs: 5000, perNamespace: { outputBytes: 1_048_576 } },
    },
  });
});

test("networks that are none, and a sandbox that is off, are spoken of", async () => {
  const { issues } = await load(
    POD,
    '[kubernetes]\nsandbox = false\nallow_addresses = ["10.0.0.0/33", "x", "fd00::/8", "10.0.0.1"]',
  );
  expect(issues).toHaveLength(3);
  expect(issues.filter((text) => text.includes("no address and no network"))).toHaveLength(2);
});

test("what is in force can be read again", async () => {
  const { settings } = await load(POD);
  const text = renderEffective([], settings);
  expect(parse(text)["kubernetes"]).toMatchObject({ enable: "true", node_name: "node-1" });
  const again = await load(
    {},
    `[kubernetes]${text.split("[kubernetes]")[1]?.split("\n[lanes]")[0]}`,
  );
  expect(again.settings.kubernetes.policy).toEqual(settings.kubernetes.policy);
});
