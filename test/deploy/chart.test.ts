import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, type TestContext, test, vi } from "vitest";
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
const TOKEN = { datakit: { dataway_url: "https://openway.example.com?token=tkn_test" } };

// The renderer is compiled by the first test.
vi.setConfig({ testTimeout: 120_000 });

let built: HelmChart | undefined;

afterAll(() => built?.remove());

function chart(context: TestContext): HelmChart {
  built ??= HelmChart.build(context);
  return built;
}

function valuesOf(file: string) {
  return parse(readFileSync(join(VALUES, file), "utf8")) as Record<string, unknown>;
}

function find(manifests: readonly Manifest[], kind: string, end = ""): Manifest {
  const found = manifests.find((one) => one.kind === kind && one.metadata.name.endsWith(end));
  if (found === undefined) throw new Error(`no ${kind} ${end}`);
  return found;
}

function podOf(manifests: readonly Manifest[], end = "") {
  return find(manifests, "DaemonSet", end)["spec"].template.spec;
}

function environmentOf(manifests: readonly Manifest[], end = ""): Record<string, unknown> {
  const [{ env }] = podOf(manifests, end).containers;
  return Object.fromEntries(env.map(({ name, ...rest }: Manifest) => [name, rest["value"]]));
}

/** What the models judge: PodMonitor is of an operator, not of Kubernetes. */
function known(manifests: readonly Manifest[]): Manifest[] {
  return manifests.filter(({ kind }) => kind !== "PodMonitor");
}

describe("every file of values", () => {
  const files = readdirSync(VALUES);
  beforeAll(() => expect(files.length).toBeGreaterThan(3));

  for (const file of files) {
    test(file, (context) => {
      const own = valuesOf(file);
      expect([isValid(HelmChart.values(own)), isValid.errors]).toEqual([true, null]);
      const manifests = chart(context).render(own);
      expect(modelFaults(known(manifests))).toEqual([]);
      const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect(names).toEqual([...new Set(names)]);
      for (const daemonSet of manifests.filter(({ kind }) => kind === "DaemonSet")) {
        const { selector, template } = daemonSet["spec"];
        const { spec, metadata } = template;
        const isEtcd = daemonSet.metadata.name.endsWith("-etcd");
        const roots = spec.initContainers === undefined ? [] : ["data-owner"];
        expect(privilegeFaults(daemonSet, isEtcd ? ["promline"] : roots)).toEqual([]);
        expect(metadata.labels).toMatchObject(selector.matchLabels);
        // What is referred to is there.
        for (const { configMap, secret } of spec.volumes) {
          if (configMap !== undefined) expect(names).toContain(`ConfigMap ${configMap.name}`);
          expect(secret?.defaultMode ?? 0o440).toBe(0o440);
        }
        const volumes = spec.volumes.map((volume: Manifest) => volume["name"]);
        expect(volumes).toEqual([...new Set(volumes)]);
        for (const { name, subPath } of spec.containers[0].volumeMounts) {
          expect(volumes).toContain(name);
          expect(subPath).toBeUndefined();
        }
        const variables = spec.containers[0].env.map(({ name }: { name: string }) => name);
        expect(variables).toEqual([...new Set(variables)]);
      }
    });
  }
});

test("the two DaemonSets of a release select pods of their own", (context) => {
  const manifests = chart(context).render(valuesOf("everything.yaml"));
  const [agent, etcd] = ["node-scraper", "-etcd"].map(
    (end) => find(manifests, "DaemonSet", end)["spec"].selector.matchLabels,
  );
  expect(agent["app.kubernetes.io/name"]).not.toBe(etcd["app.kubernetes.io/name"]);
  const policy = find(manifests, "NetworkPolicy")["spec"].podSelector.matchExpressions;
  expect(policy[1].values).toEqual([agent, etcd].map((one) => one["app.kubernetes.io/name"]));
});

test("two releases share no object and no directory of the node", (context) => {
  const [one, other] = ["one", "other"].map((Name) => chart(context).render(TOKEN, { Name }));
  const names = (manifests: readonly Manifest[] = []) =>
    manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(names(one).filter((name) => names(other).includes(name))).toEqual([]);
  expect(hostPaths(find(one ?? [], "DaemonSet"))).toEqual([
    "/var/lib/promline/monitoring-one-promline data-owner rw",
    "/var/lib/promline/monitoring-one-promline promline rw",
  ]);
  expect(hostPaths(find(other ?? [], "DaemonSet"))[0]).toContain("monitoring-other-promline");
});

test("the names of a release: its own, the chart's once, or what the user says", (context) => {
  const name = (own: object, Name: string) =>
    find(chart(context).render({ ...TOKEN, ...own }, { Name }), "DaemonSet").metadata.name;
  expect(name({}, "promline")).toBe("promline");
  expect(name({}, "x")).toBe("x-promline");
  expect(name({ nameOverride: "y" }, "x")).toBe("x-y");
  expect(name({ fullnameOverride: "z" }, "x")).toBe("z");
});

test("everything: own secret, own port, own account, nothing on the node", (context) => {
  const manifests = chart(context).render(valuesOf("everything.yaml"));
  expect(manifests.map(({ kind }) => kind)).not.toContain("Secret");
  expect(hostPaths(find(manifests, "DaemonSet", "scraper"))).toEqual([]);
  const pod = podOf(manifests, "scraper");
  expect(pod).toMatchObject({ serviceAccountName: "scraper-account", dnsPolicy: "Default" });
  const [agent] = pod.containers;
  expect(agent.ports).toEqual([{ name: "http", containerPort: 19_529, protocol: "TCP" }]);
  expect(agent.image).toMatch(/^registry\.example\.com\/promline@sha256:0123/);
  expect(agent.livenessProbe).toEqual({
    httpGet: { path: "/-/healthy", port: "http" },
    periodSeconds: 10,
    timeoutSeconds: 20,
    failureThreshold: 6,
  });
  expect(agent.envFrom).toEqual([{ configMapRef: { name: "more" } }]);
  expect(agent.volumeMounts).toContainEqual({
    name: "certificates",
    mountPath: "/etc/promline/certificates",
    readOnly: true,
  });
  expect(environmentOf(manifests, "scraper")).toMatchObject({
    ENV_DATAWAY: "ENC[file:///etc/promline/dataway/address]",
    ENV_INPUT_CONTAINER_EXTRACT_K8S_LABEL_AS_TAGS_V2_FOR_METRIC: '["app","app.kubernetes.io/name"]',
    ENV_KUBERNETES_SANDBOX: "false",
    ENV_KUBERNETES_ALLOW_ADDRESSES: "10.0.0.0/8,fd00::/8",
    ENV_KUBERNETES_LIMIT_TARGETS_PER_POD: "8",
    ENV_KUBERNETES_LIMIT_SAMPLES: "2000000",
    ENV_KUBERNETES_LIMIT_SHORTEST_INTERVAL: "5s",
  });
  const service = find(manifests, "Service", "scraper");
  expect(service["spec"].ports).toEqual([
    { name: "http", port: 80, targetPort: "http", protocol: "TCP" },
  ]);
  const monitor = find(manifests, "PodMonitor");
  expect(monitor["spec"]).toMatchObject({
    selector: { matchLabels: service["spec"].selector },
    podMetricsEndpoints: [{ port: "http", path: "/metrics", interval: "30s" }],
  });
  expect(find(manifests, "NetworkPolicy")["spec"].ingress).toEqual([
    {
      from: [
        { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } },
      ],
      ports: [{ port: "http", protocol: "TCP" }],
    },
  ]);
});

test("switches: no account, role, quota or policy of the chart's, and an existing Secret", (context) => {
  const manifests = chart(context).render(valuesOf("switches-off.yaml"));
  expect(manifests.map(({ kind }) => kind)).toEqual(["DaemonSet", "ConfigMap"]);
  const pod = podOf(manifests);
  expect(pod.serviceAccountName).toBe("existing");
  expect(pod.containers[0]).not.toHaveProperty("livenessProbe");
  expect(pod.volumes).toContainEqual({
    name: "dataway",
    secret: {
      secretName: "datakit-dataway",
      defaultMode: 0o440,
      items: [{ key: "ENV_DATAWAY", path: "ENV_DATAWAY" }],
    },
  });
  expect(chart(context).notes(valuesOf("switches-off.yaml"))).toContain("rbac.create is off");
});

test("the host network has the DNS that goes with it", (context) => {
  const own = { ...TOKEN, hostNetwork: true, etcd: { enabled: true } };
  const pod = podOf(chart(context).render(own), "promline");
  // Two agents on the host network of one node would want the same port.
  expect(podOf(chart(context).render(own), "-etcd")).not.toHaveProperty("hostNetwork");
  expect(pod).toMatchObject({ hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" });
  expect(podOf(chart(context).render(TOKEN))).not.toHaveProperty("dnsPolicy");
});

test("the priority class comes with the ResourceQuota that managed clusters ask for", (context) => {
  const manifests = chart(context).render(TOKEN);
  const { priorityClassName } = podOf(manifests);
  expect(priorityClassName).toBe("system-node-critical");
  expect(find(manifests, "ResourceQuota")["spec"].scopeSelector.matchExpressions).toEqual([
    { operator: "In", scopeName: "PriorityClass", values: [priorityClassName] },
  ]);
  const other = chart(context).render({ ...TOKEN, priorityClassName: "mine" });
  expect(other.map(({ kind }) => kind)).not.toContain("ResourceQuota");
});

test("the right to list and watch pods, and with events the one to create them", (context) => {
  for (const file of ["minimal.yaml", "everything.yaml", "datakit.yaml"]) {
    expect(grants(chart(context).render(valuesOf(file)))).toEqual(["list,watch /pods"]);
  }
  const events = chart(context).render(valuesOf("events.yaml"));
  expect(grants(events)).toEqual(["list,watch /pods", "create /events"]);
  expect(environmentOf(events)).toMatchObject({ ENV_KUBERNETES_EVENTS: "true" });
});

test("a variable of the user's takes the place of the chart's", (context) => {
  const own = valuesOf("everything.yaml");
  expect(environmentOf(chart(context).render(own), "scraper")).toMatchObject({
    ENV_HTTP_LISTEN: "127.0.0.1:19529",
  });
  const extraEnvs = [
    { name: "ENV_DATAWAY", value: "https://first.example.com?token=1" },
    { name: "ENV_DATAWAY", value: "https://second.example.com?token=2" },
  ];
  expect(environmentOf(chart(context).render({ extraEnvs }))).toMatchObject({
    ENV_DATAWAY: "https://second.example.com?token=2",
  });
});

test("a new token arrives in the pods that run; another address makes new ones", (context) => {
  const render = (url: string) => {
    const manifests = chart(context).render({ datakit: { dataway_url: url } });
    const { url: kept } = find(manifests, "Secret")["stringData"];
    return { kept, template: JSON.stringify(find(manifests, "DaemonSet")["spec"].template) };
  };
  const [one, two, three] = [
    "https://a.example.com?token=tkn_1",
    "https://a.example.com?token=tkn_2",
    "https://b.example.com?token=tkn_2",
  ].map(render);
  expect([one?.kept, two?.kept]).toEqual([
    "https://a.example.com?token=tkn_1",
    "https://a.example.com?token=tkn_2",
  ]);
  expect(two?.template).toBe(one?.template);
  expect(three?.template).not.toBe(two?.template);
  expect(one?.template).not.toContain("tkn_1");
});

test("the etcd form is that of the kustomize overlay", (context) => {
  const own = { ...TOKEN, etcd: { enabled: true } };
  const pod = podOf(chart(context).render(own), "-etcd");
  const overlay = parse(
    readFileSync(join(CHECKOUT, "deploy/kustomize/overlays/etcd/daemonset.yaml"), "utf8"),
  ).spec.template.spec;
  for (const field of ["automountServiceAccountToken", "nodeSelector", "tolerations"]) {
    expect(pod[field]).toEqual(overlay[field]);
  }
  const [ours, theirs] = [pod.containers[0], overlay.containers[0]];
  for (const field of ["securityContext", "volumeMounts", "resources", "readinessProbe"]) {
    expect(ours[field]).toEqual(theirs[field]);
  }
  expect(environmentOf(chart(context).render(own), "-etcd")).not.toHaveProperty(
    "ENV_K8S_NODE_NAME",
  );
});

for (const [what, values, words] of [
  ["no DataWay", {}, "datakit.dataway_url is needed"],
  [
    "a placeholder",
    { datakit: { dataway_url: "https://a?token=<your-token>" } },
    "is a placeholder",
  ],
  ["another", { datakit: { dataway_url: "https://a?token=tkn_REPLACE_ME" } }, "is a placeholder"],
] as const) {
  test(`refused with words: ${what}`, (context) => {
    expect(() => chart(context).render(values)).toThrow(words);
  });
}

test("points that go elsewhere need no DataWay", (context) => {
  const settings = '[[destinations]]\nkind = "influxdb_v1"\nurl = "http://db"\ndb = "m"\n';
  const manifests = chart(context).render({ settings });
  expect(manifests.map(({ kind }) => kind)).not.toContain("Secret");
  expect(environmentOf(manifests)).not.toHaveProperty("ENV_DATAWAY");
});

for (const [what, values] of [
  ["a misspelt key", { datakit: { datawayUrl: "https://x" } }],
  ["an unknown key", { hostPID: true }],
  ["a drop-in without a name", { dkconfig: [{ value: "x" }] }],
  ["a name that is a path", { dkconfig: [{ name: "a/b.conf", value: "x" }] }],
  ["a port that is none", { datakit: { http_listen: "9529" } }],
  ["a limit that is none", { kubernetes: { limits: { targets: 1 } } }],
  ["a digest that is none", { image: { digest: "latest" } }],
] as const) {
  test(`the schema refuses ${what}`, () => {
    expect(isValid(HelmChart.values(values))).toBe(false);
  });
}
