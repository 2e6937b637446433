import { expect, test } from "vitest";
import type { Scene } from "../../../native-bench/contenders/contender.ts";
import { partTargets } from "../../../native-bench/contenders/part-targets.ts";
import { promInput } from "../../../native-bench/contenders/promline-agent.ts";
import { scrapeConfig } from "../../../native-bench/contenders/scrape-config.ts";
import { ColdPath } from "../../../native-bench/in-process/cold-path.ts";
import { LOOPBACK } from "../../../native-bench/network/loopback-network.ts";
import { pageBytes } from "../../../native-bench/workload/page-bytes.ts";
import { layPage } from "../../../native-bench/workload/page-recipe.ts";
import { type Workload, workloads } from "../../../native-bench/workload/workload.ts";
import { parsePromInputs } from "../../../src/config/input/parse-prom-inputs.ts";

const PODS = { prefix: "10.244", sinkHost: "10.96.0.10", agent: [] } as const;
const SMOKE = workloads("smoke");

test.each(SMOKE)("$name: our rules and the peers' keep what the generator says", ({ parts }) => {
  for (const { recipe } of parts) {
    const layout = layPage(recipe, 1, 0);
    const { counts } = new ColdPath(recipe.filter).run(pageBytes(recipe, 1));
    expect(counts.samples).toBe(layout.ends.length);
    expect(counts.malformed).toEqual({});
    const notFinite = recipe.filter === undefined ? counts.dropped.not_finite : 0;
    expect(counts.sent + notFinite).toBe(layout.kept);
  }
});

test.each(SMOKE)("$name: the drop-ins are what the agent takes without a word", (workload) => {
  for (const targets of partTargets(workload, PODS, 9100)) {
    const { inputs, issues } = parsePromInputs(promInput(targets), {
      file: "bench.conf",
      expandEnvironment: false,
      allowSingleTable: false,
    });
    expect(issues).toEqual([]);
    const { filter } = targets.part.recipe;
    expect(inputs.length).toBe(1);
    expect(inputs[0]?.input.urls.length).toBe(targets.part.targets);
    expect(inputs[0]?.input.rules.metricNameFilter).toEqual(filter?.names ?? []);
    expect(inputs[0]?.input.rules.tagsIgnore).toEqual(filter?.tagsIgnore ?? []);
  }
});

test.each([
  [PODS, "10.244"],
  [LOOPBACK, "127.0"],
])("targets are numbered over all parts: %#", (network, prefix) => {
  const addresses = partTargets(named("W4"), network, 9100).map((part) => part.addresses);
  expect(addresses).toEqual([[`${prefix}.1.1:9100`, `${prefix}.1.2:9100`], [`${prefix}.1.3:9100`]]);
});

test("peers keep by exact name and drop labels", () => {
  const config = JSON.parse(scrapeConfig(scene("W5"), { remoteWrite: true, streamParse: true }));
  const [job] = config.scrape_configs;
  const [keep, drop] = job.metric_relabel_configs;
  expect(keep.regex.split("|")).toContain("istio_requests_total");
  expect(drop).toMatchObject({ action: "labeldrop" });
  expect(config.remote_write).toEqual([{ url: "http://10.96.0.10:2/api/v1/write" }]);
});

function named(name: string): Workload {
  return SMOKE.find((workload) => workload.name === name)!;
}

function scene(name: string): Scene {
  const ports = { targetsPort: 1, sinkPort: 2, adminPort: 3 };
  return { workload: named(name), seed: 1, network: PODS, ...ports, dir: "/tmp" };
}
