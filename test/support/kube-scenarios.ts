import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import { systemClock } from "../../src/clock.ts";
import {
  PodTargetReader,
  podSelection,
} from "../../src/discovery/kubernetes/claims/pod-targets.ts";
import { PodWatcher } from "../../src/discovery/kubernetes/pods/pod-watcher.ts";
import type { Cluster } from "./kube-cluster.ts";
import type { PodSketch } from "./kube-pod.ts";
import { defaultPolicy, instances, urlsOf } from "./pod-claims.ts";
import { PodHistory } from "./pod-history.ts";
import { until } from "./until.ts";

interface ScenarioTimes {
  readonly churnMs: number;
  readonly awayMs: number;
}

type Sketch = Omit<PodSketch, "node" | "namespace">;

/** Milliseconds within which an event has to be in the target list. */
const SOON = 1000;
/** A server that was away is asked again after as long at the most, and never after more than this. */
const LONGEST_PAUSE = 10_000;

/** Pods of a cluster as the agent turns them into targets, and what they should be. */
class Watched {
  readonly cluster: Cluster;
  readonly history = new PodHistory();
  readonly watcher: PodWatcher;
  urls: readonly string[] = [];

  constructor(cluster: Cluster) {
    const reader = new PodTargetReader(defaultPolicy);
    this.cluster = cluster;
    this.watcher = new PodWatcher({
      access: cluster.access,
      node: cluster.node,
      selection: podSelection(defaultPolicy),
      clock: systemClock,
      // Shorter than the default, so that a frozen watch is noticed while the test runs.
      timings: { silenceMs: 3000, watchSeconds: 10 },
      changed: (pods) => {
        this.urls = urlsOf(reader.read(pods.values()));
      },
      trouble: () => {},
    });
    this.watcher.start(new AbortController().signal);
    onTestFinished(() => this.watcher.stop());
  }

  /** Puts a pod that has this one target. */
  async put(name: string, ip: string, sketch: Partial<Sketch> = {}): Promise<void> {
    const annotations = instances('url = "http://$IP:8080/m"');
    this.history.set(name, `http://${ip.includes(":") ? `[${ip}]` : ip}:8080/m`);
    await this.cluster.put({ name, ips: [ip], annotations, ...sketch });
  }

  /** Removes it. */
  async remove(name: string): Promise<void> {
    this.history.set(name, undefined);
    await this.cluster.remove(name);
  }

  /** Within a second the list is as it should be. */
  async isRight(what: string, timeoutMs = SOON): Promise<void> {
    await until(`${what}; now ${this.urls.length} targets`, timeoutMs, () =>
      this.history.judge(this.urls, performance.now() + timeoutMs) === undefined ? true : undefined,
    );
  }
}

export interface Scenario {
  readonly name: string;
  readonly run: (cluster: Cluster, times: ScenarioTimes) => Promise<void>;
}

export const scenarios: readonly Scenario[] = [
  {
    name: "250 pods",
    run: async (cluster) => {
      const pods = Array.from({ length: 250 }, (_, i) => [
        `pod-${i}`,
        `10.1.${i % 5}.${1 + Math.floor(i / 5)}`,
      ]);
      const watched = new Watched(cluster);
      for (const [name = "", ip = ""] of pods) await watched.put(name, ip);
      await watched.isRight("250 targets");
      // A second agent finds them all at once, page by page.
      const later = new Watched(cluster);
      await until("250 targets", 5000, () => (later.urls.length === 250 ? true : undefined));
    },
  },
  {
    name: "a pod from its making to its end",
    run: async (cluster) => {
      const watched = new Watched(cluster);
      const { history } = watched;
      const annotations = instances('url = "http://$IP:8080/m"');
      await cluster.put({ name: "a", phase: "Pending", ips: [], annotations });
      await watched.put("a", "10.1.0.1");
      await watched.isRight("running");
      const other = instances('urls = ["http://$IP:9/x"]', 'interval = "10s"');
      history.set("a", "http://10.1.0.1:9/x");
      await cluster.put({ name: "a", ips: ["10.1.0.1"], annotations: other });
      await watched.isRight("another annotation");
      history.set("a", "http://10.1.0.2:9/x");
      await cluster.put({ name: "a", ips: ["10.1.0.2"], annotations: other });
      await watched.isRight("another address");
      history.set("a", undefined);
      await cluster.put({ name: "a", ips: ["10.1.0.2"], annotations: other, terminating: true });
      await watched.isRight("terminating");
      await cluster.remove("a");
      await watched.put("a", "10.1.0.3");
      await watched.isRight("made again");
      history.set("a", undefined);
      await cluster.put({ name: "a", ips: ["10.1.0.3"], phase: "Failed", annotations });
      await watched.isRight("failed");
    },
  },
  {
    name: "dual stack, IPv6 alone, host network",
    run: async (cluster) => {
      const watched = new Watched(cluster);
      await watched.put("dual", "10.1.0.1", { ips: ["10.1.0.1", "fd00::1"] });
      await watched.put("six", "fd00::2");
      await watched.put("host", "192.0.2.1", { hostNetwork: true, ports: [8080] });
      await watched.isRight("three targets");
    },
  },
  {
    name: "watches dropped, half closed and frozen",
    run: async (cluster) => {
      const watched = new Watched(cluster);
      await watched.put("a", "10.1.0.1");
      await watched.isRight("one");
      for (let round = 0; round < 3; round++) {
        cluster.proxy.drop();
        await watched.put("b", `10.1.1.${1 + round}`);
        await watched.isRight("after a drop");
        cluster.proxy.halfClose();
        await watched.put("c", `10.1.2.${1 + round}`);
        await watched.isRight("after a half-closed connection");
      }
      cluster.proxy.freeze();
      await watched.put("d", "10.1.3.1");
      await watched.isRight("after silence", 8000);
      expect(watched.watcher.status().lists).toBe(1);
    },
  },
  {
    name: "churn of 20 pods a second",
    run: async (cluster, { churnMs }) => {
      const watched = new Watched(cluster);
      for (let i = 0; i < 20; i++) await watched.put(`stay-${i}`, `10.1.9.${1 + i}`);
      await watched.isRight("twenty");
      const wrong: string[] = [];
      const startMs = performance.now();
      for (let step = 0; performance.now() - startMs < churnMs; step++) {
        const slot = step % 40;
        if (Math.floor(step / 40) % 2 === 0)
          await watched.put(`churn-${slot}`, `10.1.8.${1 + slot}`);
        else await watched.remove(`churn-${slot}`);
        if (step % 50 === 49) cluster.proxy.drop();
        const difference = watched.history.judge(watched.urls, performance.now());
        if (difference !== undefined) wrong.push(difference);
        await delay(Math.max(0, startMs + (step + 1) * 50 - performance.now()));
      }
      expect(wrong).toEqual([]);
      await watched.isRight("the end");
      expect(watched.watcher.status().lists).toBe(1);
    },
  },
  {
    name: "an API server that is away",
    run: async (cluster, { awayMs }) => {
      const watched = new Watched(cluster);
      await watched.put("a", "10.1.0.1");
      await watched.isRight("one");
      await cluster.proxy.down();
      await delay(awayMs);
      expect(watched.urls).toEqual(["http://10.1.0.1:8080/m"]);
      expect(watched.watcher.status().connected).toBe(false);
      await watched.put("b", "10.1.0.2");
      await cluster.proxy.up();
      await watched.isRight("back", Math.min(awayMs, LONGEST_PAUSE) + 1500);
    },
  },
];
