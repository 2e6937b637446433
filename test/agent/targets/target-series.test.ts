import { expect, test } from "vitest";
import { scrapeTargetOf } from "../../../src/agent/targets/target-spec.ts";
import type { PromInput } from "../../../src/config/input/prom-input.ts";
import { staticTargets } from "../../../src/discovery/static-targets.ts";
import type { RelabelRule } from "../../../src/rules/relabel/relabel-rule.ts";
import { NO_SERIES_LIMITS } from "../../../src/rules/relabel/series-config.ts";
import { located } from "../../support/prom-input.ts";

function rule(targetLabel: string): RelabelRule {
  return { action: "replace", sourceLabels: [], targetLabel, modulus: 0 };
}

function seriesOf(series: PromInput["series"], global: readonly RelabelRule[]) {
  const { targets } = staticTargets([located(series === undefined ? {} : { series })]);
  const metricRelabel = { flavour: "prometheus" as const, rules: global };
  const globals = { globalHostTags: {}, globalElectionTags: {}, metricRelabel };
  return targets.map((target) => scrapeTargetOf(target, globals).rules.series)[0];
}

test("without rules and limits there is nothing for a lane to do", () => {
  expect(seriesOf(undefined, [])).toBeUndefined();
});

test("rules come in the order table, file, agent, each in its flavour", () => {
  const series = seriesOf(
    {
      flavour: "vmagent",
      metricRelabel: [rule("table")],
      targetRelabel: [],
      relabelFile: { path: "r.yml", rules: [rule("file")] },
      honorLabels: false,
      limits: { ...NO_SERIES_LIMITS, samples: 5 },
    },
    [rule("agent")],
  );
  const order = series?.relabel.map(({ flavour, rules }) => [flavour, rules[0]?.targetLabel]);
  expect(order).toEqual([
    ["vmagent", "table"],
    ["vmagent", "file"],
    ["prometheus", "agent"],
  ]);
  expect(series).toMatchObject({ honorLabels: false, limits: { samples: 5 } });
});

test("rules for targets alone leave the samples alone", () => {
  const series = {
    flavour: "prometheus",
    metricRelabel: [],
    targetRelabel: [rule("a")],
    honorLabels: true,
    limits: NO_SERIES_LIMITS,
  } as const;
  expect(seriesOf(series, [])).toBeUndefined();
});

test("rules of the agent alone reach every input", () => {
  expect(seriesOf(undefined, [rule("agent")])).toMatchObject({ honorLabels: true });
});

test("times are corrected where the settings of the agent say so", () => {
  const [target] = staticTargets([located({})]).targets;
  const rulesOf = (delivery?: { correctTimes: boolean }) =>
    target &&
    scrapeTargetOf(target, {
      globalHostTags: {},
      globalElectionTags: {},
      ...(delivery && { delivery }),
    }).rules;
  expect(rulesOf({ correctTimes: true })?.correctTimes).toBe(true);
  expect(rulesOf({ correctTimes: false })).toEqual(rulesOf());
});
