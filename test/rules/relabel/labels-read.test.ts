import fc from "fast-check";
import { expect, test } from "vitest";
import type { Label } from "../../../src/rules/relabel/label-set.ts";
import { labelsRead } from "../../../src/rules/relabel/labels-read.ts";
import { readRule } from "../../../src/rules/relabel/read-rule.ts";
import { RelabelProgram } from "../../../src/rules/relabel/relabel-program.ts";
import { md5Tail } from "./md5-tail.ts";
import { labels, validRules } from "./random-rules.ts";

function readOf(raw: Readonly<Record<string, unknown>>, names: readonly string[]): string[] {
  const read = readRule(raw);
  if (read.kind !== "rule") throw new Error("no rule");
  return names.filter(labelsRead({ rules: [read.rule] }));
}

test.each([
  [{ source_labels: ["a", "b"], target_label: "c" }, ["a", "b"]],
  [{ target_label: "c", replacement: "{{b}}-{{d}}" }, ["b", "d"]],
  [{ action: "drop", source_labels: ["a"], if: ['{b="1",c!~"2"}', '{d=""}'] }, "abcd"],
  [{ action: "dropequal", source_labels: ["a"], target_label: "b" }, ["a", "b"]],
  [{ action: "keep_if_contains", source_labels: ["a"], target_label: "b" }, ["a", "b"]],
  [{ action: "labelmap", regex: "a|(c)" }, ["a", "c"]],
  [{ action: "labelmap_all", regex: "b", replacement: "x" }, ["b"]],
  [{ action: "labeldrop", regex: "a" }, []],
  [{ action: "labelkeep", regex: "a" }, []],
  [{ target_label: "a", replacement: "1" }, []],
  [{ action: "keep_metrics", regex: "a" }, []],
] as const)("%j", (rule, names) => {
  expect(readOf(rule, [..."abcd"])).toEqual([...names]);
});

test("the name of a metric is read by what asks for metrics", () => {
  expect(readOf({ action: "drop_metrics", regex: "a" }, ["__name__"])).toEqual(["__name__"]);
  expect(readOf({ action: "drop", source_labels: ["a"], if: "up" }, ["__name__"])).toHaveLength(1);
});

test("labels that no rule reads can be left out", () => {
  fc.assert(
    fc.property(validRules("prometheus"), labels, (rules, all) => {
      const isRead = labelsRead({ rules });
      const program = new RelabelProgram({ flavour: "prometheus", rules }, md5Tail);
      const before = new Map(all);
      const whole = program.apply(all) ?? [];
      const part = new Map(program.apply(all.filter(([name]) => isRead(name))) ?? []);
      // What is more in the whole is such a label as it was. Without any label a series counts as dropped.
      const isMore = ([name, value]: Label): boolean =>
        !part.has(name) && !isRead(name) && before.get(name) === value;
      const rest = new Map(whole.filter((label) => !isMore(label)));
      expect(rest).toEqual(part);
    }),
    { numRuns: 1000 },
  );
});
