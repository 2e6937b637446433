import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../../src/clock.ts";
import type { ApiAccess } from "../../../../src/discovery/kubernetes/api/api-access.ts";
import type { ApiFault } from "../../../../src/discovery/kubernetes/api/api-fault.ts";
import type { PodRecord } from "../../../../src/discovery/kubernetes/pods/pod-record.ts";
import {
  PodWatcher,
  type WatchTimings,
} from "../../../../src/discovery/kubernetes/pods/pod-watcher.ts";
import { KubeApi } from "../../../support/kube-api.ts";
import { until } from "../../../support/until.ts";

/** Milliseconds within which an event has to be known. */
const SOON = 1000;

class Watched {
  readonly faults: ApiFault[] = [];
  readonly watcher: PodWatcher;
  changes = 0;
  #pods: ReadonlyMap<string, PodRecord> = new Map();

  constructor(access: ApiAccess, timings: Partial<WatchTimings> = {}) {
    this.watcher = new PodWatcher({
      access,
      node: "node-1",
      selection: { labels: ["app"], annotations: ["note"], annotationBytes: 16_384 },
      clock: systemClock,
      timings,
      changed: (pods) => {
        this.changes += 1;
        this.#pods = new Map(pods);
      },
      trouble: (fault) => this.faults.push(fault),
    });
    this.watcher.start(new AbortController().signal);
    onTestFinished(() => this.watcher.stop());
  }

  get names(): readonly string[] {
    return [...this.#pods.values()].map(({ name }) => name).sort();
  }

  pod(name: string): PodRecord | undefined {
    return [...this.#pods.values()].find((pod) => pod.name === name);
  }

  async becomes(names: readonly string[]): Promise<void> {
    await until(`the pods ${names.join(" ")}, not ${this.names.join(" ")}`, SOON, () =>
      JSON.stringify(this.names) === JSON.stringify(names) ? true : undefined,
    );
  }

  reasons(): ReadonlySet<string> {
    return new Set(this.faults.map(({ reason }) => reason));
  }
}

async function watching(api: KubeApi, timings: Partial<WatchTimings> = {}): Promise<Watched> {
  const watched = new Watched(api.access, timings);
  await until("a watch", SOON, () => (api.watching > 0 ? true : undefined));
  return watched;
}

test("pods of the node and no others are listed page by page", async () => {
  const api = await KubeApi.start();
  for (let i = 0; i < 250; i++) api.store.put({ name: `pod-${i}` });
  api.store.put({ name: "elsewhere", node: "node-2" });
  const watched = await watching(api);
  expect(watched.names).toHaveLength(250);
  expect(watched.changes).toBe(1);
  expect(api.requests.filter((line) => !line.includes("watch="))).toHaveLength(3);
  expect(api.violations).toEqual([]);
});

test("what is kept of a pod is what is needed", async () => {
  const api = await KubeApi.start();
  api.store.put({
    name: "web",
    ips: ["10.1.0.7", "fd00::7"],
    annotations: { note: "n", other: "o" },
    labels: { tier: "back" },
    ports: [80, 443],
  });
  const watched = await watching(api);
  expect(watched.pod("web")).toEqual({
    uid: "uid-default-web",
    namespace: "default",
    name: "web",
    node: "node-1",
    resourceVersion: "1001",
    phase: "Running",
    terminating: false,
    hostNetwork: false,
    hostIps: ["192.0.2.1"],
    ips: ["10.1.0.7", "fd00::7"],
    ports: [80, 443],
    labels: { app: "web" },
    annotations: { note: "n" },
    oversized: {},
  });
});

test("added, changed and deleted pods are known within a second", async () => {
  const api = await KubeApi.start();
  const watched = await watching(api);
  api.store.put({ name: "a" });
  await watched.becomes(["a"]);
  api.store.put({ name: "a", annotations: { note: "changed" } });
  await until("the annotation", SOON, () => watched.pod("a")?.annotations["note"]);
  api.store.put({ name: "b" });
  api.store.remove("a");
  await watched.becomes(["b"]);
});

test("a change of nothing that matters is told to nobody", async () => {
  const api = await KubeApi.start();
  api.store.put({ name: "a" });
  const watched = await watching(api);
  api.store.touch("a");
  api.store.touch("a");
  api.store.put({ name: "z" });
  await watched.becomes(["a", "z"]);
  expect(watched.changes).toBe(2);
});

test("a pod that comes again under its name is another", async () => {
  const api = await KubeApi.start();
  api.store.put({ name: "db-0", uid: "u1", ips: ["10.1.0.1"] });
  const watched = await watching(api);
  api.store.remove("db-0");
  api.store.put({ name: "db-0", uid: "u2", ips: ["10.1.0.2"] });
  await until("the new pod", SOON, () => (watched.pod("db-0")?.uid === "u2" ? true : undefined));
  expect(watched.names).toEqual(["db-0"]);
});

for (const cut of ["dropWatches", "halfCloseWatches", "endWatches"] as const) {
  test(`after ${cut} nothing is missed and nothing is listed again`, async () => {
    const api = await KubeApi.start();
    api.store.put({ name: "a" });
    const watched = await watching(api);
    for (let round = 0; round < 3; round++) {
      api[cut]();
      api.store.put({ name: `b${round}` });
      await until("the pod", SOON, () => watched.pod(`b${round}`));
    }
    expect(watched.watcher.status()).toMatchObject({ lists: 1, synced: true, pods: 4 });
    expect(api.violations).toEqual([]);
  });
}

test("a watch that is silent is taken for dead", async () => {
  const api = await KubeApi.start({ bookmarkMs: 0 });
  const watched = await watching(api, { silenceMs: 1500 });
  api.freezeWatches();
  api.store.put({ name: "a" });
  await until("the pod", 5000, () => watched.pod("a"));
  expect(watched.reasons()).toEqual(new Set(["timeout"]));
});

test("an expired version leads to a new list, and the pods stay known meanwhile", async () => {
  const api = await KubeApi.start();
  api.store.put({ name: "a" });
  api.store.put({ name: "b" });
  const watched = await watching(api);
  api.dropWatches();
  api.store.remove("a");
  api.store.compact();
  await watched.becomes(["b"]);
  expect(watched.reasons()).toContain("gone");
  expect(watched.watcher.status().lists).toBe(2);
});

test("410 as an event in the middle of a watch", async () => {
  const api = await KubeApi.start();
  const watched = await watching(api);
  api.store.put({ name: "a" });
  await watched.becomes(["a"]);
  api.errorWatches(410, "too old resource version");
  api.store.put({ name: "b" });
  await watched.becomes(["a", "b"]);
});

test("410 in the middle of a list starts the list again", async () => {
  const api = await KubeApi.start();
  for (let i = 0; i < 150; i++) api.store.put({ name: `pod-${i}` });
  api.expireContinue(2);
  const watched = await watching(api);
  expect(watched.names).toHaveLength(150);
  expect(watched.reasons()).toEqual(new Set(["gone"]));
});

test("any ERROR event leads to a new list", async () => {
  const api = await KubeApi.start();
  const watched = await watching(api);
  api.errorWatches(500, "etcd is on fire");
  api.store.put({ name: "a" });
  await watched.becomes(["a"]);
  expect(watched.watcher.status().lists).toBe(2);
});

test("an API server that is restored from a backup is listed again", async () => {
  const api = await KubeApi.start();
  api.store.put({ name: "a" });
  const watched = await watching(api);
  api.dropWatches();
  api.store.goBack(500);
  api.store.put({ name: "b" });
  await until("the pod", 3000, () => watched.pod("b"));
  expect(watched.names).toEqual(["a", "b"]);
});

test("a bookmark of the past makes nothing come twice", async () => {
  const api = await KubeApi.start({ bookmarkMs: 0 });
  const watched = await watching(api);
  api.store.put({ name: "a" });
  api.store.remove("a");
  api.store.put({ name: "b" });
  await watched.becomes(["b"]);
  const { changes } = watched;
  api.sendBookmarks(1000);
  api.dropWatches();
  await until("a watch", SOON, () => (api.watching > 0 ? true : undefined));
  api.store.put({ name: "c" });
  await watched.becomes(["b", "c"]);
  expect(watched.changes).toBe(changes + 1);
});

test("a bookmark of the future loses nothing", async () => {
  const api = await KubeApi.start({ bookmarkMs: 0 });
  const watched = await watching(api);
  api.sendBookmarks(5000);
  api.store.put({ name: "a" });
  await watched.becomes(["a"]);
  api.sendBookmarks(6000);
  api.dropWatches();
  api.store.put({ name: "b" });
  await until("the pod", 3000, () => watched.pod("b"));
  expect(watched.names).toEqual(["a", "b"]);
});

test("an API server that is away changes nothing, and is found again when it is back", async () => {
  const api = await KubeApi.start();
  api.store.put({ name: "a" });
  const watched = await watching(api);
  await api.down();
  await until("a fault", SOON, () => (watched.faults.length > 3 ? true : undefined));
  expect(watched.names).toEqual(["a"]);
  expect(watched.watcher.status().connected).toBe(false);
  api.store.put({ name: "b" });
  await api.up();
  await watched.becomes(["a", "b"]);
  expect(watched.reasons()).toEqual(new Set(["unreachable"]));
});

test("an API server that was away and has compacted meanwhile is listed at once", async () => {
  const api = await KubeApi.start();
  const watched = await watching(api);
  await api.down();
  await until("faults", 8000, () => (watched.faults.length > 4 ? true : undefined));
  api.store.put({ name: "a" });
  api.store.compact();
  await api.up();
  await until("the pod", 2800, () => watched.pod("a"));
  expect(watched.reasons()).toEqual(new Set(["unreachable", "gone"]));
});

test("refusals are told with the server's words, and waited out", async () => {
  const api = await KubeApi.start();
  const message = 'pods is forbidden: User "x" cannot list resource "pods"';
  api.failNext({ status: 403, message });
  api.failNext({ status: 500 });
  api.failNext({ status: 429, retryAfter: "0" });
  const watched = await watching(api);
  expect(watched.faults.map(({ reason }) => reason)).toEqual([
    "forbidden",
    "server_error",
    "throttled",
  ]);
  expect(watched.faults[0]?.detail).toBe(`the API server answered 403: ${message}`);
});

test("stopping ends a watch at once", async () => {
  const api = await KubeApi.start();
  const watched = await watching(api);
  const start = performance.now();
  await watched.watcher.stop();
  expect(performance.now() - start).toBeLessThan(500);
  await until("no watch", SOON, () => (api.watching === 0 ? true : undefined));
  expect(watched.faults).toEqual([]);
});
