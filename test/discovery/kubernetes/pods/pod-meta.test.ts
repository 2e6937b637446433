import { expect, test } from "vitest";
import { podSelection } from "../../../../src/discovery/kubernetes/claims/pod-targets.ts";
import {
  type MetaSelection,
  podMeta,
  targetMeta,
} from "../../../../src/discovery/kubernetes/pods/pod-meta.ts";
import { podRecordOf } from "../../../../src/discovery/kubernetes/pods/pod-record.ts";
import { type PodSketch, podObject } from "../../../support/kube-pod.ts";
import { defaultPolicy, instances, record } from "../../../support/pod-claims.ts";

const EVERYTHING: MetaSelection = { isWanted: () => true, withheld: [] };

function metaOf(sketch: Omit<PodSketch, "name">, port?: number, selection = EVERYTHING) {
  return targetMeta(podMeta(podObject({ name: "web-1", ...sketch }, "1"), selection), port);
}

test("a pod has the labels of Prometheus' role pod", () => {
  const sketch = {
    namespace: "shop",
    owner: "ReplicaSet/web-5d4",
    ready: true,
    labels: { app: "web", "app.kubernetes.io/part-of": "shop" },
    annotations: { "example.com/team": "a" },
  };
  expect(metaOf(sketch, 8080)).toEqual({
    __meta_kubernetes_namespace: "shop",
    __meta_kubernetes_pod_name: "web-1",
    __meta_kubernetes_pod_uid: "uid-shop-web-1",
    __meta_kubernetes_pod_ip: "10.1.0.1",
    __meta_kubernetes_pod_host_ip: "192.0.2.1",
    __meta_kubernetes_pod_node_name: "node-1",
    __meta_kubernetes_pod_phase: "Running",
    __meta_kubernetes_pod_ready: "true",
    __meta_kubernetes_pod_controller_kind: "ReplicaSet",
    __meta_kubernetes_pod_controller_name: "web-5d4",
    __meta_kubernetes_pod_label_app: "web",
    __meta_kubernetes_pod_labelpresent_app: "true",
    __meta_kubernetes_pod_label_app_kubernetes_io_part_of: "shop",
    __meta_kubernetes_pod_labelpresent_app_kubernetes_io_part_of: "true",
    __meta_kubernetes_pod_annotation_cni_example_com_config: "x".repeat(500),
    __meta_kubernetes_pod_annotationpresent_cni_example_com_config: "true",
    __meta_kubernetes_pod_annotation_example_com_team: "a",
    __meta_kubernetes_pod_annotationpresent_example_com_team: "true",
    __meta_kubernetes_pod_container_name: "app",
    __meta_kubernetes_pod_container_id: "containerd://1234",
    __meta_kubernetes_pod_container_image: "example.com/app:1",
    __meta_kubernetes_pod_container_init: "false",
    __meta_kubernetes_pod_container_port_number: "8080",
    __meta_kubernetes_pod_container_port_protocol: "TCP",
  });
});

test("readiness that nobody told is unknown; a pod of nobody has no controller", () => {
  const found = metaOf({});
  expect(found["__meta_kubernetes_pod_ready"]).toBe("unknown");
  expect(metaOf({ ready: false })["__meta_kubernetes_pod_ready"]).toBe("false");
  expect(Object.keys(found).filter((name) => name.includes("controller"))).toEqual([]);
});

const TWO = [
  { name: "web", image: "web:1", ports: [{ name: "http", containerPort: 80 }] },
  {
    name: "side",
    image: "side:1",
    ports: [
      { name: "dns", containerPort: 53, protocol: "UDP" },
      { name: "metrics", containerPort: 9090, protocol: "TCP" },
    ],
  },
];

test.each([
  [80, "web", "http"],
  [9090, "side", "metrics"],
  [15_020, "proxy", "stats"],
] as const)("port %i is that of the container that declares it", (port, name, portName) => {
  const proxy = { name: "proxy", ports: [{ name: "stats", containerPort: 15_020 }] };
  expect(metaOf({ containers: TWO, initContainers: [proxy] }, port)).toMatchObject({
    __meta_kubernetes_pod_container_name: name,
    __meta_kubernetes_pod_container_port_name: portName,
    __meta_kubernetes_pod_container_port_protocol: "TCP",
    __meta_kubernetes_pod_container_init: String(name === "proxy"),
  });
});

test("a port that none declares is the only container's, and nobody's among several", () => {
  const names = (found: Readonly<Record<string, string>>) =>
    Object.keys(found).filter((name) => name.includes("_container_"));
  expect(metaOf({}, 1)["__meta_kubernetes_pod_container_name"]).toBe("app");
  expect(names(metaOf({}, 1)).some((name) => name.includes("_port_"))).toBe(false);
  expect(names(metaOf({ containers: TWO }, 1))).toEqual([]);
  expect(names(metaOf({ containers: TWO }, 53))).toEqual([]);
  expect(names(metaOf({}, undefined))).toEqual([]);
});

test("only what is asked for is kept", () => {
  const isWanted = (label: string) => label === "__meta_kubernetes_pod_label_app";
  const sketch = { name: "a", annotations: instances('url = "http://$IP/m"') };
  expect(record(sketch, defaultPolicy, isWanted).meta).toEqual({
    pod: { __meta_kubernetes_pod_label_app: "a" },
    ports: [],
  });
  expect(record(sketch).meta).toBeUndefined();
});

test("of a pod that asks for no scrape nothing is kept", () => {
  expect(record({ name: "a" }, defaultPolicy, () => true).meta).toBeUndefined();
});

test("long values are left out, and so is what is too much in all", () => {
  const [fits, long] = ["x".repeat(1024), "x".repeat(1025)];
  const some = metaOf({ annotations: { fits, long } });
  expect(some["__meta_kubernetes_pod_annotation_fits"]).toBe(fits);
  expect(some).not.toHaveProperty("__meta_kubernetes_pod_annotation_long");
  expect(some["__meta_kubernetes_pod_annotationpresent_long"]).toBe("true");
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`a${i}`, fits]));
  expect(JSON.stringify(metaOf({ annotations: many })).length).toBeLessThan(11_000);
});

test("annotations that hold declarations are not given away, only that they are there", () => {
  const annotations = {
    ...instances('url = "http://$IP/m"', 'bearer_token = "tkn_secret"'),
    "kubectl.kubernetes.io/last-applied-configuration": '{"a":"tkn_secret"}',
  };
  const selection = podSelection(defaultPolicy, () => true);
  const pod = podRecordOf(podObject({ name: "a", annotations }, "1"), selection);
  expect(JSON.stringify(pod?.meta)).not.toContain("tkn_secret");
  expect(pod?.meta?.pod).toMatchObject({
    __meta_kubernetes_pod_annotationpresent_datakit_prom_instances: "true",
  });
});

test("an object of any shape is no pod's trouble", () => {
  for (const raw of [
    undefined,
    [],
    { metadata: { labels: [1] }, spec: { containers: [null, 1] } },
  ]) {
    expect(podMeta(raw, EVERYTHING).pod).toMatchObject({ __meta_kubernetes_pod_ready: "unknown" });
  }
});
