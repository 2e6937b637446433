import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { PodRelabel } from "../../../src/agent/targets/pod-relabel.ts";
import { parseToml } from "../../../src/config/language/toml-document.ts";
import { PodTargetReader } from "../../../src/discovery/kubernetes/claims/pod-targets.ts";
import type { PodPolicy } from "../../../src/discovery/kubernetes/pod-policy.ts";
import type { DesiredTarget } from "../../../src/discovery/static-targets.ts";
import { readRule } from "../../../src/rules/relabel/read-rule.ts";
import type { RelabelRule } from "../../../src/rules/relabel/relabel-rule.ts";
import type { PodSketch } from "../../support/kube-pod.ts";
import { defaultPolicy, instances, record } from "../../support/pod-claims.ts";

type Raw = Readonly<Record<string, unknown>>;

interface Case {
  readonly rules: readonly Raw[];
  readonly pod?: Partial<PodSketch>;
  readonly policy?: Partial<PodPolicy>;
  readonly flavour?: "prometheus" | "vmagent";
}

const META = "__meta_kubernetes_pod_";
const URL_OF_POD = "http://$IP:8080/metrics";
const plain = instances(`url = "${URL_OF_POD}"`);
const marks = { "prometheus.io/scrape": "true", "prometheus.io/port": "8080" };

const set = (target_label: string, replacement: string): Raw => ({ target_label, replacement });
const copy = (from: string, to: string): Raw => ({ source_labels: [from], target_label: to });

function ruleOf(raw: Raw): RelabelRule {
  const read = readRule(raw);
  if (read.kind !== "rule") throw new Error("no rule");
  return read.rule;
}

function setUp({ rules, pod = {}, policy = {}, flavour = "prometheus" }: Case) {
  const all = { ...defaultPolicy, prometheusIo: true, ...policy };
  const targetRelabel = { flavour, rules: rules.map(ruleOf) };
  const relabel = new PodRelabel({ targetRelabel, protectMode: true });
  const sketch = { name: "web-1", annotations: plain, ...pod };
  const found = new PodTargetReader(all).read([record(sketch, all, relabel.isRead)]).targets;
  return { relabel, found, apply: () => relabel.apply(found, all) };
}

function run(one: Case) {
  const { targets, refusals } = setUp(one).apply();
  return {
    urls: targets.map(({ target: { address } }) =>
      address.kind === "http" ? address.url : address.path,
    ),
    refused: refusals.map(({ rule }) => rule),
    target: targets[0]?.target as DesiredTarget,
    refusals,
  };
}

test("without rules nothing is kept, and the targets are the very same", () => {
  const { relabel, found, apply } = setUp({ rules: [] });
  expect(relabel.isRead).toBeUndefined();
  expect(apply().targets).toBe(found);
  expect(relabel.dropped).toEqual([]);
});

test("rules that change nothing change neither key nor tags", () => {
  for (const annotations of [plain, marks]) {
    const { found, apply } = setUp({ rules: [set("__tmp", "1")], pod: { annotations } });
    expect({ ...apply().targets[0]?.target, discoveredLabels: undefined }).toEqual({
      ...found[0]?.target,
      discoveredLabels: undefined,
    });
  }
});

test("a target that stays is the same object", () => {
  const { apply } = setUp({ rules: [set("a", "1")] });
  expect(apply().targets[0]?.target).toBe(apply().targets[0]?.target);
});

test("labels of the pod become tags, which win over labels as those of the annotation do", () => {
  const { target } = run({
    rules: [
      copy("__meta_kubernetes_namespace", "namespace"),
      copy(`${META}container_port_name`, "port"),
      { action: "labelmap", regex: `${META}label_(.+)` },
    ],
    pod: {
      labels: { "app.kubernetes.io/name": "web" },
      containers: [{ name: "c", ports: [{ name: "stats", containerPort: 8080 }] }],
    },
  });
  expect(target.overridingTags).toEqual({
    namespace: "default",
    port: "stats",
    app: "web-1",
    app_kubernetes_io_name: "web",
  });
  expect(target.addedTags).toEqual([["instance", "10.1.0.1:8080"]]);
  expect(target.upTags).toBeUndefined();
});

test("job, instance and host that a rule wrote count, in points and in up", () => {
  const rules = [set("job", "j"), set("instance", "i"), set("host", "h")];
  const marked = run({ rules, pod: { annotations: marks } }).target;
  const tags = { namespace: "default", pod_name: "web-1", job: "j", instance: "i", host: "h" };
  expect(Object.fromEntries(marked.addedTags)).toEqual(tags);
  expect(marked.upTags).toEqual({ job: "j", instance: "i", host: "h" });
  const declared = run({ rules, policy: { upPoints: true } }).target;
  expect(declared.overridingTags).toEqual({ job: "j", instance: "i", host: "h" });
  expect(declared.upTags).toEqual({ job: "j", instance: "i", host: "h" });
});

test("what is dropped is listed with its labels, and no parameter is shown", () => {
  const annotations = { ...marks, "prometheus.io/param_token": "tkn_secret" };
  const { relabel, apply } = setUp({
    rules: [
      { action: "labelmap", regex: `${META}(annotation_prometheus.+)` },
      { action: "drop", source_labels: ["__meta_kubernetes_namespace"], regex: "default" },
    ],
    pod: { annotations },
  });
  expect(apply()).toEqual({ targets: [], refusals: [] });
  expect(relabel.dropped).toMatchObject([
    { source: "default/web-1", discoveredLabels: { __meta_kubernetes_namespace: "default" } },
  ]);
  expect(JSON.stringify(relabel.dropped)).not.toContain("tkn_secret");
  expect(relabel.found()).toMatchObject([{ meta: { __meta_kubernetes_namespace: "default" } }]);
  expect(relabel.dropped[0]?.discoveredLabels).not.toHaveProperty("__meta_filepath");
});

test("the rules that Prometheus' users have for pods agree with the annotations", () => {
  const annotation = `${META}annotation_prometheus_io_`;
  const rules = [
    { action: "keep", source_labels: [`${annotation}scrape`], regex: "true" },
    { source_labels: [`${annotation}scheme`], regex: "(https?)", target_label: "__scheme__" },
    { source_labels: [`${annotation}path`], regex: "(.+)", target_label: "__metrics_path__" },
    {
      source_labels: ["__address__", `${annotation}port`],
      regex: "([^:]+)(?::\\d+)?;(\\d+)",
      replacement: "$1:$2",
      target_label: "__address__",
    },
    { action: "labelmap", regex: `${annotation}param_(.+)`, replacement: "__param_$1" },
    { action: "drop", source_labels: [`${META}phase`], regex: "Pending|Succeeded|Failed" },
  ];
  const annotations = {
    ...marks,
    "prometheus.io/path": "/m",
    "prometheus.io/scheme": "https",
    "prometheus.io/param_x": "1",
  };
  expect(run({ rules, pod: { annotations } }).urls).toEqual(["https://10.1.0.1:8080/m?x=1"]);
});

test("the rules of the documentation's page do what it says", () => {
  const page = readFileSync(new URL("../../../docs/relabeling.md", import.meta.url), "utf8");
  const text = /## Pods.*?```toml\n(.*?)```/s.exec(page)?.[1] ?? "";
  const outcome = parseToml(text, "promline.toml", {});
  const root = outcome.kind === "broken" ? {} : outcome.document.root;
  const rules = root["relabel_configs"] as readonly Raw[];
  const pod = {
    namespace: "shop",
    owner: "ReplicaSet/web-5d4f6c7b8",
    labels: { "app.kubernetes.io/part-of": "shop", "pod-template-hash": "5d4f6c7b8" },
  };
  expect(run({ rules, pod }).target.overridingTags).toEqual({
    workload: "web",
    app_part_of: "shop",
  });
  const set = { ...pod, owner: "StatefulSet/db" };
  expect(run({ rules, pod: set }).target.overridingTags).toMatchObject({ workload: "db" });
  expect(run({ rules, pod: { ...pod, namespace: "sandbox-1" } }).urls).toEqual([]);
});

test("the interval is held to what pods may have", () => {
  const annotations = { ...plain, "example.com/interval": "1s" };
  const rules = [copy(`${META}annotation_example_com_interval`, "__scrape_interval__")];
  const limits = { ...defaultPolicy.limits, intervalMs: 10_000 };
  expect(run({ rules, pod: { annotations }, policy: { limits } }).target.input.intervalMs).toBe(
    10_000,
  );
  expect(run({ rules: [set("__scrape_interval__", "2m")] }).target.input.intervalMs).toBe(120_000);
});

describe("an address that is text of the rules", () => {
  test.each<[string, readonly Raw[], string]>([
    [
      "is scraped for the pod",
      [copy("__address__", "__param_target"), set("__address__", "127.0.0.1:9115")],
      "http://127.0.0.1:9115/metrics?target=10.1.0.1%3A8080",
    ],
    [
      "may be a name and have a path",
      [set("__address__", "proxy.monitoring.svc:80/probe")],
      "http://proxy.monitoring.svc:80/probe",
    ],
    [
      "may come in two steps",
      [
        { source_labels: [`${META}label_app`], regex: "web.*", ...set("__tmp", "proxy") },
        { source_labels: ["__tmp"], ...set("__address__", "$1:9115") },
      ],
      "http://proxy:9115/metrics",
    ],
  ])("%s", (_, rules, url) => {
    expect(run({ rules })).toMatchObject({ urls: [url], refused: [] });
  });
});

describe("an address that a pod's author has a hand in is screened", () => {
  const annotated = (value: string, more: Partial<PodSketch> = {}): Partial<PodSketch> => ({
    annotations: { ...plain, "example.com/x": value },
    ...more,
  });
  const X = `${META}annotation_example_com_x`;
  const HOST_NETWORK = { ips: ["192.0.2.1"], hostNetwork: true, ports: [8080] };

  test.each<[string, readonly Raw[], Partial<PodSketch>, string]>([
    ["a copy", [copy(X, "__address__")], annotated("169.254.169.254"), "metadata"],
    ["a name", [copy(X, "__address__")], annotated("localhost:9529"), "host_name"],
    ["a neighbour", [copy(X, "__address__")], annotated("10.1.0.2:80"), "foreign_address"],
    ["another spelling", [copy(X, "__address__")], annotated("0x7f.1:80"), "loopback"],
    [
      "a user in front",
      [copy(X, "__address__")],
      annotated("10.1.0.1@10.9.9.9"),
      "foreign_address",
    ],
    ["an address with a scheme", [copy(X, "__address__")], annotated("http://h/"), "host_name"],
    [
      "a path that begins as an address does",
      [{ source_labels: [X], target_label: "__address__", replacement: "10.1.0.1$1" }],
      annotated("@10.9.9.9/"),
      "foreign_address",
    ],
    [
      "labelmap",
      [{ action: "labelmap", regex: `${META}annotation_set_(.+)`, replacement: "__${1}__" }],
      { annotations: { ...plain, "set-address": "127.0.0.1:9115" } },
      "loopback",
    ],
    [
      "labelmap over an address of the rules",
      [
        set("__address__", "127.0.0.1:9115"),
        { action: "labelmap", regex: `${META}annotation_set_(.+)`, replacement: "__${1}__" },
      ],
      { annotations: { ...plain, "set-address": "127.0.0.1:22" } },
      "loopback",
    ],
    [
      "a port beside an address of the rules",
      [{ source_labels: [X], target_label: "__address__", replacement: "127.0.0.1:$1" }],
      annotated("22"),
      "loopback",
    ],
    [
      "a name of a label that is given",
      [{ source_labels: [X], target_label: "__${1}__", replacement: "localhost" }],
      annotated("address"),
      "host_name",
    ],
    [
      "a scheme that is an address",
      [copy(X, "__scheme__")],
      annotated("http://169.254.169.254/?"),
      "invalid",
    ],
    [
      "a scheme that is an address, before an address of the rules",
      [copy(X, "__scheme__"), set("__address__", "127.0.0.1:9115")],
      annotated("http://169.254.169.254/?"),
      "invalid",
    ],
    [
      "an undeclared port of the node",
      [
        {
          source_labels: ["__address__", X],
          regex: "(.+):.+;(.+)",
          ...set("__address__", "$1:$2"),
        },
      ],
      annotated("22", HOST_NETWORK),
      "undeclared_port",
    ],
    [
      "the kubelet of the node",
      [
        {
          source_labels: ["__address__", X],
          regex: "(.+):.+;(.+)",
          ...set("__address__", "$1:$2"),
        },
      ],
      annotated("10250", HOST_NETWORK),
      "node_port",
    ],
    [
      "the port of a scheme",
      [
        { source_labels: ["__address__"], regex: "(.+):.+", target_label: "__address__" },
        copy(X, "__scheme__"),
      ],
      annotated("https", HOST_NETWORK),
      "undeclared_port",
    ],
    ["the address of the node", [copy(`${META}host_ip`, "__address__")], {}, "foreign_address"],
    ["nothing", [copy(X, "__address__")], annotated("a b"), "invalid"],
    ["vmagent's reference", [set("__address__", `{{${X}}}`)], annotated("127.0.0.1"), "loopback"],
  ])("%s", (_, rules, pod, rule) => {
    const { urls, refused, refusals } = run({ rules, pod });
    expect({ urls, refused }).toEqual({ urls: [], refused: [rule] });
    expect(refusals[0]?.key).toBe("relabel_configs");
  });

  test("user and password of the pod's own URL cannot grow into its address", () => {
    // Behind "://" the text `$'` once stood for what follows there: an address of its own.
    const annotations = instances(`url = "http://a@1$'@10.1.0.1:8080/m"`);
    const rules = [set("__metrics_path__", "/n")];
    expect(run({ rules, pod: { annotations } }).urls).toEqual(["http://a@1$'@10.1.0.1:8080/n"]);
  });

  test("what the operator allows every pod is allowed", () => {
    const policy = { allowAddresses: ["192.0.2.0/24"] };
    const rules = [
      { source_labels: [`${META}host_ip`], target_label: "__address__", replacement: "$1:9102" },
    ];
    expect(run({ rules, policy }).urls).toEqual(["http://192.0.2.1:9102/metrics"]);
  });

  test("its own address, its own port", () => {
    const rules = [
      { source_labels: [`${META}ip`, X], separator: ":", target_label: "__address__" },
    ];
    expect(run({ rules, pod: annotated("9999") }).urls).toEqual(["http://10.1.0.1:9999/metrics"]);
  });

  test("a refusal says whose labels made it and not what they are", () => {
    const { refusals } = run({ rules: [copy(X, "__address__")], pod: annotated("10.9.9.9:1") });
    expect(refusals).toMatchObject([{ namespace: "default", pod: "web-1", line: 1 }]);
    expect(refusals[0]?.detail).toContain("pod default/web-1");
    expect(JSON.stringify(refusals)).not.toContain("10.9.9.9");
  });
});
