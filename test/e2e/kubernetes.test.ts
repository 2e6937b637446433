import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { AgentProcess } from "../support/agent-process.ts";
import { attacks } from "../support/attacks.ts";
import { Dataway } from "../support/dataway.ts";
import { KubeApi } from "../support/kube-api.ts";
import { kubeconfigFor } from "../support/kubeconfig.ts";
import { plainPoints } from "../support/plain-rules.ts";
import { PodHistory } from "../support/pod-history.ts";
import { comparePoints } from "../support/point-comparison.ts";
import { withoutTime } from "../support/point-selection.ts";
import { capture, seedAnnotation } from "../support/shared-data.ts";
import { page, TargetServer } from "../support/targets.ts";
import { until } from "../support/until.ts";

const SOAK = process.env["PROMLINE_SOAK"] === "1";
/** Churn of 20 pods a second. */
const CHURN_MS = (SOAK ? 120 : 12) * 1000;
const AWAY_MS = (SOAK ? 300 : 3) * 1000;

/** Pods of these tests have addresses of the loopback network, which the sandbox refuses unless it is told. */
const CONFIG = '[kubernetes]\nallow_addresses = ["127.0.10.0/24", "127.0.11.0/24"]\n';

function environment(api: KubeApi, more: Readonly<Record<string, string>> = {}) {
  return { KUBECONFIG: kubeconfigFor(api), ENV_K8S_NODE_NAME: "node-1", ...more };
}

test("the annotated pods of the seeds deliver their points with their TOML unchanged", async (context) => {
  const text = seedAnnotation(context);
  const body = capture(context, "datakit_prom_istio.txt.gz");
  const names = ["productpage-v1", "details-v1", "ratings-v1", "reviews-v1"];
  const list = (key: string): readonly string[] =>
    JSON.parse(new RegExp(`^\\s*${key} = (\\[.*\\])`, "m").exec(text)?.[1] ?? "[]");
  const api = await KubeApi.start();
  const expected = [];
  for (const [index, name] of names.entries()) {
    const host = `127.0.10.${101 + index}`;
    await TargetServer.start({ "/stats/prometheus": page(body) }, { host, port: 15_020 });
    api.store.put({
      name,
      namespace: "bookinfo",
      ips: [host],
      annotations: { "datakit/prom.instances": text },
    });
    const points = plainPoints(body.toString("utf8"), {
      types: list("metric_types"),
      names: list("metric_name_filter").map((pattern) => new RegExp(pattern)),
      tagsIgnore: list("tags_ignore"),
      tags: { instance: `${host}:15020` },
      name: (field) => ({ measurement: "istio_prom", field }),
    });
    // Tags of an annotation beat labels.
    const tags = { namespace: "bookinfo", host: "node-1" };
    expected.push(
      ...points.map((point) => ({
        ...point,
        tags: new Map([...point.tags, ...Object.entries(tags)]),
      })),
    );
  }
  const dataway = await Dataway.start();
  const env = environment(api, { ENV_DATAWAY: dataway.url, ENV_IO_FLUSH_INTERVAL: "1s" });
  const agent = await AgentProcess.start({ conf: {}, env, config: CONFIG });
  await until("the points of the first scrapes", 15_000, () =>
    dataway.points().length >= expected.length ? true : undefined,
  );
  expect(await agent.stop()).toMatchObject({ code: 0 });
  expect(comparePoints(withoutTime(dataway.points()), expected)).toEqual({
    missing: [],
    unexpected: [],
  });
  expect(expected.length).toBeGreaterThan(0);
  expect(dataway.violations).toEqual([]);
  expect(api.violations).toEqual([]);
});

test("attack annotations: all refused, and nobody is connected to", async () => {
  const connected: string[] = [];
  let listening = 0;
  for (const host of ["127.0.0.1", "127.8.9.10", "::1"]) {
    for (const port of [80, 443, 2379, 6379, 6443, 9100, 9529, 10_250, 10_255]) {
      const server = createServer((socket) => {
        connected.push(`${host}:${port}`);
        socket.destroy();
      });
      const isListening = await new Promise<boolean>((resolve) => {
        server.once("error", () => resolve(false));
        server.listen(port, host, () => resolve(true));
      });
      if (isListening) {
        listening += 1;
        onTestFinished(() => {
          server.close();
        });
      }
    }
  }
  expect(listening).toBeGreaterThan(9);
  // Left out: those that get something in spite of what is refused, which would be sent to addresses that are not this
  // machine's, and one that needs the API server to be elsewhere than it is here.
  const all = attacks().filter(
    ({ scraped, refused, name }) =>
      scraped.length === 0 &&
      refused.length > 0 &&
      !["many-targets", "host-api-server"].includes(name),
  );
  const api = await KubeApi.start();
  for (const { pod } of all) api.store.put(pod);
  const env = environment(api, {
    ENV_INPUT_CONTAINER_ENABLE_AUTO_DISCOVERY_OF_PROMETHEUS_POD_ANNOTATIONS: "true",
    KUBERNETES_SERVICE_HOST: "10.96.0.1",
    KUBERNETES_SERVICE_PORT: "443",
  });
  const agent = await AgentProcess.start({ conf: {}, env });
  const pods = () => new Set(all.map(({ name }) => name));
  const refusals = await until("the refusals", 5000, async () => {
    const found = await agent.refusals();
    return new Set(found.map(({ pod }) => pod)).size >= pods().size ? found : undefined;
  });
  expect(pods().difference(new Set(refusals.map(({ pod }) => pod)))).toEqual(new Set());
  await delay(3000);
  expect(await agent.targets()).toEqual([]);
  expect(connected).toEqual([]);
  const metrics = await agent.metrics();
  const counted = metrics.filter(({ name }) => name === "promline_annotation_refusals_total");
  expect(counted.reduce((sum, { value }) => sum + value, 0)).toBeGreaterThanOrEqual(all.length - 5);
  expect(agent.logs().filter(({ msg }) => msg === "annotation refused").length).toBeGreaterThan(60);
  expect(api.requests.every((line) => line.startsWith("GET /api/v1/pods?"))).toBe(true);
  expect(api.violations).toEqual([]);
});

test(
  `churn of 20 pods a second for ${CHURN_MS / 1000} s, with watches that break and an API server that is away`,
  async () => {
    const api = await KubeApi.start();
    const history = new PodHistory();
    const dataway = await Dataway.start();
    const put = (name: string, ip: string) => {
      const annotations = {
        "datakit/prom.instances": `[[inputs.prom]]\nurl = "http://$IP:15020/m"\ninterval = "1s"\n`,
      };
      history.set(name, `http://${ip}:15020/m`);
      api.store.put({ name, ips: [ip], annotations });
    };
    const healthy = 20;
    const servers: TargetServer[] = [];
    for (let i = 1; i <= healthy; i++) {
      const host = `127.0.10.${i}`;
      servers.push(await TargetServer.start({ "/m": page("up_time 1\n") }, { host, port: 15_020 }));
      put(`healthy-${i}`, host);
    }
    const env = environment(api, { ENV_DATAWAY: dataway.url });
    const agent = await AgentProcess.start({ conf: {}, env, config: CONFIG });
    await until("all targets", 3000, async () =>
      (await agent.targets()).length === healthy ? true : undefined,
    );
    const wrong: string[] = [];
    let looks = 0;
    const look = async () => {
      const sentMs = performance.now();
      const difference = history.judge(
        (await agent.targets()).map(({ url }) => url),
        sentMs,
      );
      looks += 1;
      if (difference !== undefined) wrong.push(difference);
    };
    const breaks = [
      () => api.dropWatches(),
      () => api.halfCloseWatches(),
      () => api.endWatches(),
      () => api.errorWatches(410, "too old resource version"),
      () => api.sendBookmarks(1000),
      () => {
        api.dropWatches();
        api.store.compact();
      },
    ];
    const startMs = performance.now();
    for (let step = 0; performance.now() - startMs < CHURN_MS; step++) {
      const slot = step % 40;
      const name = `churn-${slot}`;
      if (Math.floor(step / 40) % 2 === 0) put(name, `127.0.11.${1 + slot}`);
      else {
        history.set(name, undefined);
        api.store.remove(name);
      }
      if (step % 20 === 19) breaks[((step / 20) % breaks.length) | 0]?.();
      if (step % 4 === 0) await look();
      await delay(Math.max(0, startMs + (step + 1) * 50 - performance.now()));
    }
    await api.down();
    await delay(AWAY_MS);
    expect(await agent.kubernetes()).toMatchObject({ connected: false, synced: true });
    put("after", "127.0.11.200");
    await api.up();
    history.wasBlind();
    // A server that was away is asked again after as long at the most, and never after more than ten seconds.
    await until("the agent to be back", Math.min(AWAY_MS, 10_000) + 1100, async () =>
      (await agent.kubernetes())?.["connected"] === true ? true : undefined,
    );
    await delay(1000);
    await look();
    const seconds = (performance.now() - startMs) / 1000;
    expect(wrong).toEqual([]);
    expect(looks).toBeGreaterThan(CHURN_MS / 400);
    const missed = (await agent.targets()).filter(
      ({ url, missedTicks }) => /127\.0\.10\./.test(url) && Object.keys(missedTicks).length > 0,
    );
    expect(missed).toEqual([]);
    for (const server of servers) {
      expect(server.hits("/m").length).toBeGreaterThanOrEqual(Math.floor(seconds) - 2);
    }
    expect(api.violations).toEqual([]);
    expect(await agent.stop()).toMatchObject({ code: 0 });
  },
  CHURN_MS + AWAY_MS + 60_000,
);

test("ready once the pods may be listed, with DataWay away; the log and the page say what to grant", async () => {
  const api = await KubeApi.start();
  api.denied = ["list", "watch"];
  const env = environment(api, { ENV_DATAWAY: "http://127.0.0.1:1?token=tkn_test" });
  const agent = await AgentProcess.start({ conf: {}, env, waitUntil: "healthy" });
  await until("the reason", 5000, async () => {
    const { status, text } = await agent.readiness();
    expect(status).toBe(503);
    return /cannot list resource "pods".*grant the agent's service account/.test(text) || undefined;
  });
  expect(agent.logs()).toContainEqual(
    expect.objectContaining({
      reason: "forbidden",
      remedy: expect.stringContaining("list and watch"),
    }),
  );
  api.denied = [];
  await until("ready", 5000, async () => (await agent.readiness()).status === 200 || undefined);
  await api.down();
  await delay(300);
  expect(await agent.readiness()).toEqual({ status: 200, text: "ready\n" });
});
