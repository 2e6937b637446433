import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse as parseToml } from "@iarna/toml";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { parse } from "yaml";
import { CHECKOUT } from "../support/agent-process.ts";
import { HelmChart } from "../support/helm.ts";
import { type Manifest, modelFaults } from "../support/kube-models.ts";
import { grants, hostPaths, privilegeFaults } from "../support/least-privilege.ts";

const VALUES = fileURLToPath(new URL("values/", import.meta.url));
const schema = JSON.parse(
  readFileSync(join(CHECKOUT, "charts", "promline", "values.schema.json"), "utf8"),
);
const isValid = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);

let built: HelmChart | undefined;

afterAll(() => built?.remove());

function chart(context: TestContext): HelmChart {
  built ??= HelmChart.build(context);
  return built;
}

function valuesOf(file: string) {
  return parse(readFileSync(join(VALUES, file), "utf8")) as Record<string, unknown>;
}

function find(manifests: readonly Manifest[], kind: string): Manifest {
  const found = manifests.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
}

describe("every file of values", () => {
  const files = ["", ...readdirSync(VALUES)];
  beforeAll(() => expect(files.length).toBeGreaterThan(3));

  for (const file of files) {
    test(`${file || "values.yaml alone"}`, { timeout: 120_000 }, (context) => {
      const own = file === "" ? {} : valuesOf(file);
      expect([isValid(HelmChart.values(own)), isValid.errors]).toEqual([true, null]);
      const manifests = chart(context).render(own);
      expect(modelFaults(manifests)).toEqual([]);
      const daemonSet = find(manifests, "DaemonSet");
      const { spec } = daemonSet["spec"].template;
      const owner = spec.initContainers === undefined ? [] : ["data-owner"];
      expect(privilegeFaults(daemonSet, owner)).toEqual([]);
      const { selector, template } = daemonSet["spec"];
      expect(template.metadata.labels).toMatchObject(selector.matchLabels);
      // What is referred to is there.
      const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect(names).toContain(`ServiceAccount ${spec.serviceAccountName}`);
      for (const volume of spec.volumes) {
        const map = volume.configMap?.name;
        if (map !== undefined) expect(names).toContain(`ConfigMap ${map}`);
      }
      for (const { mountPath, subPath, name } of spec.containers[0].volumeMounts) {
        expect(spec.volumes.map((volume: Manifest) => volume["name"])).toContain(name);
        if (subPath !== undefined) {
          expect(find(manifests, "ConfigMap")["data"]).toHaveProperty([subPath]);
          expect(mountPath.endsWith(`/${subPath}`)).toBe(true);
        }
      }
    });
  }
});

test("as DataKit's users write it: drop-ins at their paths, text unchanged", (context) => {
  const manifests = chart(context).render(valuesOf("datakit.yaml"));
  const [agent] = find(manifests, "DaemonSet")["spec"].template.spec.containers;
  const paths = agent.volumeMounts.map(({ mountPath }: Manifest) => mountPath);
  expect(paths).toContain("/etc/promline/conf.d/prom/prom-istiod.conf");
  expect(paths).toContain("/etc/promline/conf.d/plain.conf");
  const { data } = find(manifests, "ConfigMap");
  expect(parseToml(data["prom-istiod.conf"])).toEqual({
    inputs: {
      prom: [
        {
          url: "http://istiod.istio-system.svc.cluster.local:15014/metrics",
          source: "prom-istiod",
        },
      ],
    },
  });
  expect(agent.env).toContainEqual({ name: "ENV_NAMESPACE", value: "guance" });
  const env = { name: "ENV_GLOBAL_HOST_TAGS", value: "env=test,host=__datakit_hostname" };
  expect(agent.env).toContainEqual(env);
  expect(find(manifests, "Secret")["stringData"].url).toBe(
    "https://openway.example.com?token=tkn_test",
  );
});

test("events add their right and their setting, and nothing else does", (context) => {
  const manifests = chart(context).render(valuesOf("events.yaml"));
  expect(grants(manifests)).toEqual(["get,list,watch /pods", "create /events"]);
  const settings = parseToml(find(manifests, "ConfigMap")["data"]["promline.toml"]);
  expect(settings).toEqual({ kubernetes: { events: true }, log: { level: "debug" } });
  for (const file of ["minimal.yaml", "everything.yaml", "datakit.yaml"]) {
    expect(grants(chart(context).render(valuesOf(file)))).toEqual(["get,list,watch /pods"]);
  }
});

test("everything: own secret, own port, nothing on the node", (context) => {
  const manifests = chart(context).render(valuesOf("everything.yaml"));
  expect(manifests.map(({ kind }) => kind)).not.toContain("Secret");
  const daemonSet = find(manifests, "DaemonSet");
  expect(hostPaths(daemonSet)).toEqual([]);
  const { spec } = daemonSet["spec"].template;
  expect(spec.containers[0].ports).toEqual([
    { name: "http", containerPort: 19_529, protocol: "TCP" },
  ]);
  expect(spec.containers[0].image).toBe("registry.example.com/promline:v9");
  expect(spec.containers[0].env).toContainEqual({
    name: "ENV_INPUT_CONTAINER_EXTRACT_K8S_LABEL_AS_TAGS_V2_FOR_METRIC",
    value: '["app","app.kubernetes.io/name"]',
  });
});

test("without DataWay the chart says so", (context) => {
  const values = { datakit: { dataway_url: "" } };
  expect(() => chart(context).render(values)).toThrow("datakit.dataway_url is needed");
});

for (const [what, values] of [
  ["a misspelt key", { datakit: { datawayUrl: "https://x" } }],
  ["an unknown key", { hostNetwork: true }],
  ["a drop-in without a name", { dkconfig: [{ value: "x" }] }],
  ["a name that is a path", { dkconfig: [{ name: "a/b.conf", value: "x" }] }],
  ["a port that is none", { datakit: { http_listen: "9529" } }],
] as const) {
  test(`the schema refuses ${what}`, () => {
    expect(isValid(HelmChart.values(values))).toBe(false);
  });
}
