import { expect, test } from "vitest";
import { SharedRules } from "../../src/points/shared-rules.ts";
import { NO_SERIES_LIMITS } from "../../src/rules/relabel/series-config.ts";
import type { RulesConfig } from "../../src/rules/rules-config.ts";
import { rulesConfig } from "../support/rules-config.ts";

function withRule(regex: string, instance: string): RulesConfig {
  const gate = { action: "drop", sourceLabels: ["__name__"], targetLabel: "", modulus: 0 } as const;
  const rules = [{ ...gate, regex }];
  return rulesConfig({
    metricNameFilter: ["up", "x.*y"],
    addedTags: [["instance", instance]],
    series: {
      relabel: [{ flavour: "prometheus", rules }],
      honorLabels: true,
      limits: NO_SERIES_LIMITS,
    },
  });
}

test("targets that differ in tags only share what is compiled, and keep their tags", () => {
  const shared = new SharedRules();
  const [a, b] = [shared.take(withRule("go_.*", "a:1")), shared.take(withRule("go_.*", "b:1"))];
  expect(a.relabel[0]).toBe(b.relabel[0]);
  expect(shared.size).toBe(1);
  expect(a.program.config.addedTags).toEqual([["instance", "a:1"]]);
  expect(b.program.config.addedTags).toEqual([["instance", "b:1"]]);
});

test("other rules are other programs", () => {
  const shared = new SharedRules();
  const [a, b] = [shared.take(withRule("go_.*", "a:1")), shared.take(withRule("up", "a:1"))];
  const dropped = [a, b].map(({ relabel }) => relabel[0]?.apply([["__name__", "up"]]));
  expect(dropped).toEqual([[["__name__", "up"]], undefined]);
});

test("what no target has any more is let go of, once", () => {
  const shared = new SharedRules();
  const [a, b] = [shared.take(withRule("up", "a:1")), shared.take(withRule("up", "b:1"))];
  shared.release(a);
  shared.release(a);
  expect(shared.size).toBe(1);
  shared.release(b);
  expect(shared.size).toBe(0);
});
