import { type PodObject, type PodSketch, podObject } from "./kube-pod.ts";

export interface StoredEvent {
  readonly version: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: PodObject;
  /** Node of the pod. */
  readonly node: string;
}

/** Pods and the history of their changes, as etcd and the watch cache keep them. */
export class KubeStore {
  readonly #pods = new Map<string, { readonly sketch: PodSketch; readonly object: PodObject }>();
  #history: StoredEvent[] = [];
  #version: number;
  /** Versions below this are compacted: who asks for them gets 410. */
  #oldest: number;
  onEvent: (event: StoredEvent) => void = () => {};

  constructor(version: number) {
    this.#version = version;
    this.#oldest = version;
  }

  get version(): number {
    return this.#version;
  }

  get oldest(): number {
    return this.#oldest;
  }

  sketches(): readonly PodSketch[] {
    return [...this.#pods.values()].map(({ sketch }) => sketch);
  }

  /** Objects of a node's pods by key, `namespace/name`, in its order. */
  objects(node: string): readonly (readonly [key: string, object: PodObject])[] {
    return [...this.#pods]
      .filter(([, { sketch }]) => nodeOf(sketch) === node)
      .map(([key, { object }]) => [key, object] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }

  eventsAfter(version: number): readonly StoredEvent[] {
    return this.#history.filter((event) => event.version > version);
  }

  put(sketch: PodSketch): void {
    const key = keyOf(sketch);
    const known = this.#pods.has(key);
    this.#version += 1;
    const object = podObject(sketch, String(this.#version));
    this.#pods.set(key, { sketch, object });
    this.#tell({
      version: this.#version,
      type: known ? "MODIFIED" : "ADDED",
      object,
      node: nodeOf(sketch),
    });
  }

  /** Changes something that no agent cares for: the version moves. */
  touch(name: string, namespace = "default"): void {
    const pod = this.#pods.get(`${namespace}/${name}`);
    if (pod === undefined) throw new Error(`no pod ${namespace}/${name}`);
    this.put({ ...pod.sketch, restarts: (pod.sketch.restarts ?? 0) + 1 });
  }

  remove(name: string, namespace = "default"): void {
    const key = `${namespace}/${name}`;
    const pod = this.#pods.get(key);
    if (pod === undefined) throw new Error(`no pod ${key}`);
    this.#pods.delete(key);
    this.#version += 1;
    const object = podObject(pod.sketch, String(this.#version));
    this.#tell({ version: this.#version, type: "DELETED", object, node: nodeOf(pod.sketch) });
  }

  /** Forgets the history: whoever asks for an old version gets 410. */
  compact(): void {
    this.#history = [];
    this.#oldest = this.#version;
  }

  /** Something else in the cluster changed. */
  skip(versions: number): void {
    this.#version += versions;
  }

  /** A restored backup: the same pods, an older version. */
  goBack(versions: number): void {
    this.#version -= versions;
    this.#history = [];
    this.#oldest = this.#version;
  }

  #tell(event: StoredEvent): void {
    this.#history.push(event);
    this.onEvent(event);
  }
}

function keyOf({ namespace = "default", name }: PodSketch): string {
  return `${namespace}/${name}`;
}

function nodeOf({ node = "node-1" }: PodSketch): string {
  return node;
}
