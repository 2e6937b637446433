import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { AgentProcess } from "../support/agent-process.ts";
import { Dataway } from "../support/dataway.ts";
import type { Point } from "../support/line-protocol.ts";
import { type PlainRules, plainPoints } from "../support/plain-rules.ts";
import { comparePoints } from "../support/point-comparison.ts";
import { withoutTime } from "../support/point-selection.ts";
import { capture, seedAnnotation, seedDirectory } from "../support/shared-data.ts";
import { page, TargetServer } from "../support/targets.ts";
import { until } from "../support/until.ts";

interface SeedCase {
  readonly name: string;
  /** The published text. */
  readonly text: (context: TestContext) => string;
  readonly measurement: string;
  /** `host:port/path` of the text, and the captured page that is served there. */
  readonly pages: Readonly<Record<string, string>>;
  /** Placeholders, where the collector fills them in. */
  readonly env: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

const PROXY_PATH = "istio-system.svc.cluster.local:15020/stats/prometheus";
const STATE_HOST = "datakit-kube-state-metrics.datakit.svc.cluster.local";

function dropIn(file: string): SeedCase["text"] {
  return (context) => readFileSync(join(seedDirectory(context), "conf.d", file), "utf8");
}

const CASES: readonly SeedCase[] = [
  {
    name: "kube-state-metrics.conf",
    text: dropIn("kube-state-metrics.conf"),
    measurement: "prom_state_metrics",
    pages: {
      [`${STATE_HOST}:8080/metrics`]: "dd_kubernetes_state_ksm_standard_tags_gke.txt.gz",
      [`${STATE_HOST}:8081/metrics`]: "beats_kubernetes_KSM_ksm.v2.10.0.txt.gz",
    },
    env: { NAMESPACE: "monitoring", PODNAME: "ksm-0" },
    tags: { namespace: "monitoring", pod_name: "ksm-0" },
  },
  {
    name: "prom-egressgateway.conf",
    text: dropIn("prom-egressgateway.conf"),
    measurement: "istio_prom",
    pages: { [`istio-egressgateway-ext.${PROXY_PATH}`]: "dd_istio_1.5_istio_proxy.txt.gz" },
    env: {},
    tags: {},
  },
  {
    name: "prom-ingressgateway.conf",
    text: dropIn("prom-ingressgateway.conf"),
    measurement: "istio_prom",
    pages: { [`istio-ingressgateway-ext.${PROXY_PATH}`]: "datakit_prom_istio.txt.gz" },
    env: {},
    tags: {},
  },
  {
    name: "prom-istiod.conf",
    text: dropIn("prom-istiod.conf"),
    measurement: "istio_prom",
    pages: { "istiod.istio-system.svc.cluster.local:15014/metrics": "datakit_prom_istiod.txt" },
    env: {},
    tags: { app_id: "istiod" },
  },
  {
    name: "pod-annotations.yaml",
    text: seedAnnotation,
    measurement: "istio_prom",
    pages: { "$IP:15020/stats/prometheus": "datakit_prom_istio.txt.gz" },
    env: { NAMESPACE: "default" },
    tags: { namespace: "default" },
  },
];

for (const { name, text, measurement, pages, env, tags } of CASES) {
  test(`${name} runs with nothing but its hosts mapped`, async (context) => {
    const published = text(context);
    const rules = rulesOf(published, measurement, tags);
    const dataway = await Dataway.start();
    let conf = published;
    const expected: Point[] = [];
    for (const [place, file] of Object.entries(pages)) {
      const bytes = capture(context, file);
      const [address = "", ...path] = place.split("/");
      const target = await TargetServer.start({ [`/${path.join("/")}`]: page(bytes) });
      expect(conf).toContain(address);
      conf = conf.replaceAll(address, target.address);
      const added = { ...rules, tags: { instance: target.address, ...rules.tags } };
      expected.push(...plainPoints(bytes.toString("utf8"), added));
    }
    const agent = await AgentProcess.start({
      conf: { [name.replace(/yaml$/, "conf")]: conf },
      env: { ...env, ENV_DATAWAY: dataway.url, ENV_IO_FLUSH_INTERVAL: "1s" },
    });
    const delivered = () => dataway.points().filter((point) => point.measurement === measurement);
    await until("the points of the first scrapes", 15_000, () =>
      delivered().length >= expected.length ? true : undefined,
    );
    expect(await agent.stop()).toMatchObject({ code: 0 });
    expect(comparePoints(withoutHost(withoutTime(delivered())), expected)).toEqual({
      missing: [],
      unexpected: [],
    });
    expect(expected.length).toBeGreaterThan(0);
    expect(dataway.violations).toEqual([]);
  });
}

/** The rules as they stand in the text, read without the agent's help. */
function rulesOf(text: string, measurement: string, tags: SeedCase["tags"]): PlainRules {
  const list = (key: string): readonly string[] =>
    JSON.parse(new RegExp(`^\\s*${key} = (\\[.*\\])`, "m").exec(text)?.[1] ?? "[]");
  return {
    types: list("metric_types"),
    names: list("metric_name_filter").map((pattern) => new RegExp(pattern)),
    tagsIgnore: list("tags_ignore"),
    tags,
    name: (name) => ({ measurement, field: name }),
  };
}

/** Without the tag of the agent's own host, a global one. */
function withoutHost(points: readonly Point[]): readonly Point[] {
  return points.map((point) => ({
    ...point,
    tags: new Map([...point.tags].filter(([key]) => key !== "host")),
  }));
}
