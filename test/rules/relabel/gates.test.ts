import { expect, test } from "vitest";
import { joinGates } from "../../../src/rules/relabel/gates.ts";
import { LabelSet } from "../../../src/rules/relabel/label-set.ts";
import { readRule } from "../../../src/rules/relabel/read-rule.ts";
import { RelabelProgram } from "../../../src/rules/relabel/relabel-program.ts";
import type { RelabelRule } from "../../../src/rules/relabel/relabel-rule.ts";
import { md5Tail } from "./md5-tail.ts";

function rule(raw: Record<string, unknown>): RelabelRule {
  const read = readRule(raw);
  if (read.kind !== "rule") {
    throw new Error("no rule");
  }
  return read.rule;
}

const drop = (regex: string, ...labels: string[]) =>
  rule({ action: "drop", regex, source_labels: labels });

test("gates beside each other are one step a source, and are asked once for each text", () => {
  let asked = 0;
  const step = () => {
    asked++;
    return true;
  };
  const names = Array.from({ length: 100 }, (_, at) => drop(`unused_${at}`, "__name__"));
  const mixed = [...names, drop("x", "job"), ...names].map((one) => ({ rule: one, step }));
  const steps = joinGates(mixed);
  expect(steps).toHaveLength(2);
  const labels = new LabelSet([["__name__", "up"]], "prometheus");
  for (let round = 0; round < 3; round++) {
    expect(steps.every((one) => one(labels))).toBe(true);
  }
  // The one gate on `job` is not remembered: it costs what a look-up does.
  expect(asked).toBe(200 + 3);
});

test("what stands between two gates, an `if` too, keeps its place", () => {
  const write = rule({ target_label: "a", replacement: "2" });
  const conditional = rule({ action: "drop", regex: "1", source_labels: ["a"], if: '{b="x"}' });
  const rules = [drop("2", "a"), write, drop("1", "a"), conditional, drop("3", "a")];
  const program = new RelabelProgram({ flavour: "prometheus", rules }, md5Tail);
  expect(program.apply([["a", "1"]])).toEqual([["a", "2"]]);
  expect(program.apply([["a", "2"]])).toBeUndefined();
  expect(joinGates(rules.map((one) => ({ rule: one, step: () => true })))).toHaveLength(5);
});

test("more texts than are remembered are answered all the same", () => {
  const rules = [drop("v7", "a"), drop("v9", "a")];
  const program = new RelabelProgram({ flavour: "prometheus", rules }, md5Tail);
  for (const round of [1, 2]) {
    for (let at = 0; at < 1500; at++) {
      const kept = program.apply([["a", `v${at}`]]) !== undefined;
      expect(kept, `${round} ${at}`).toBe(at !== 7 && at !== 9);
    }
  }
});
