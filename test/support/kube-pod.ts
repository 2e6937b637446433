/** What a test says of a pod; the rest of the object is as a kubelet and an API server would write it. */
export interface PodSketch {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly node?: string;
  readonly phase?: string;
  readonly ips?: readonly string[];
  readonly hostIp?: string;
  readonly hostNetwork?: boolean;
  readonly terminating?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ports?: readonly number[];
  /** What made it, as `Kind/name`. */
  readonly owner?: string;
  readonly ready?: boolean;
  /** Containers in place of the one with `ports`. */
  readonly containers?: readonly Readonly<Record<string, unknown>>[];
  readonly initContainers?: readonly Readonly<Record<string, unknown>>[];
  /** How often its container was restarted. */
  readonly restarts?: number;
}

export type PodObject = Readonly<Record<string, unknown>> & {
  readonly metadata: Readonly<Record<string, unknown>> & {
    readonly uid: string;
    readonly name: string;
    readonly namespace: string;
  };
};

const STARTED = "2026-01-01T00:00:00Z";

/** A whole Pod of 5 KB, as `kubectl get pod -o json` shows one. */
export function podObject(sketch: PodSketch, version: string): PodObject {
  const { name, namespace = "default", node = "node-1", phase = "Running" } = sketch;
  const [kind = "", owner = ""] = sketch.owner?.split("/") ?? [];
  const ips = sketch.ips ?? ["10.1.0.1"];
  const ports = (sketch.ports ?? [8080]).map((port) => ({ containerPort: port, protocol: "TCP" }));
  return {
    kind: "Pod",
    apiVersion: "v1",
    metadata: {
      name,
      namespace,
      uid: sketch.uid ?? `uid-${namespace}-${name}`,
      resourceVersion: version,
      creationTimestamp: STARTED,
      ...(sketch.terminating ? { deletionTimestamp: STARTED, deletionGracePeriodSeconds: 30 } : {}),
      labels: { app: name, ...sketch.labels },
      annotations: { "cni.example.com/config": "x".repeat(500), ...sketch.annotations },
      ...(owner === ""
        ? {}
        : {
            ownerReferences: [
              { kind: "Backup", name: "other", uid: "u0" },
              { kind, name: owner, uid: "u1", controller: true },
            ],
          }),
      managedFields: [
        { manager: "kubelet", operation: "Update", fieldsV1: { x: "y".repeat(2000) } },
      ],
    },
    spec: {
      nodeName: node,
      ...(sketch.hostNetwork ? { hostNetwork: true } : {}),
      serviceAccountName: "default",
      ...(sketch.initContainers ? { initContainers: sketch.initContainers } : {}),
      containers: sketch.containers ?? [
        {
          name: "app",
          image: "example.com/app:1",
          ports,
          env: [{ name: "PADDING", value: "z".repeat(1000) }],
          resources: { requests: { cpu: "10m" } },
        },
      ],
      tolerations: [{ key: "node.kubernetes.io/not-ready", operator: "Exists" }],
    },
    status: {
      phase,
      hostIP: sketch.hostIp ?? "192.0.2.1",
      hostIPs: [{ ip: sketch.hostIp ?? "192.0.2.1" }],
      ...(ips.length === 0 ? {} : { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
      startTime: STARTED,
      qosClass: "Burstable",
      ...(sketch.ready === undefined
        ? {}
        : {
            conditions: [
              { type: "Initialized", status: "True" },
              { type: "Ready", status: sketch.ready ? "True" : "False" },
            ],
          }),
      containerStatuses: [
        {
          name: "app",
          ready: true,
          restartCount: sketch.restarts ?? 0,
          containerID: "containerd://1234",
        },
      ],
    },
  };
}
