import fc from "fast-check";
import { expect, test } from "vitest";
import { labelsOfRuleText } from "../../../src/rules/relabel/label-origin.ts";
import type { Label } from "../../../src/rules/relabel/label-set.ts";
import { readRule } from "../../../src/rules/relabel/read-rule.ts";
import { RelabelProgram } from "../../../src/rules/relabel/relabel-program.ts";
import type { RelabelFlavour } from "../../../src/rules/relabel/relabel-rule.ts";
import { md5Tail } from "./md5-tail.ts";
import { labels, validRules } from "./random-rules.ts";

type Raw = Readonly<Record<string, unknown>>;

function originOf(raw: readonly Raw[], before: Readonly<Record<string, string>>): string[] {
  const rules = raw.map((one) => {
    const read = readRule(one);
    if (read.kind !== "rule") throw new Error("no rule");
    return read.rule;
  });
  const program = new RelabelProgram({ flavour: "prometheus", rules }, md5Tail);
  return [...labelsOfRuleText(program.explain(Object.entries(before)).traces)];
}

const GIVEN = { a: "given", b: "b" };

test.each<[string, readonly Raw[], readonly string[]]>([
  ["a text", [{ target_label: "x", replacement: "t" }], ["x"]],
  ["a text in place of what was given", [{ target_label: "a", replacement: "t" }], ["a"]],
  ["a text of a choice", [{ source_labels: ["a"], target_label: "x", replacement: "t" }], ["x"]],
  ["a copy", [{ source_labels: ["a"], target_label: "x" }], []],
  ["a reference", [{ target_label: "x", replacement: "t{{a}}" }], []],
  ["a name that is given", [{ source_labels: ["a"], target_label: "$1", replacement: "t" }], []],
  [
    "a copy of a text",
    [
      { target_label: "x", replacement: "t" },
      { source_labels: ["x"], target_label: "y", replacement: "$1:80" },
    ],
    ["x", "y"],
  ],
  [
    "a text and what is given beside it",
    [
      { target_label: "x", replacement: "t" },
      { source_labels: ["x", "a"], target_label: "x" },
    ],
    [],
  ],
  [
    "a text that another rule writes over",
    [
      { target_label: "x", replacement: "t" },
      { action: "labelmap", regex: "a", replacement: "x" },
    ],
    [],
  ],
  [
    "a text that is gone",
    [
      { target_label: "x", replacement: "t" },
      { action: "labeldrop", regex: "x" },
    ],
    [],
  ],
  ["a hash", [{ action: "hashmod", source_labels: ["a"], modulus: 9, target_label: "x" }], []],
  ["another case", [{ action: "lowercase", source_labels: ["a"], target_label: "x" }], []],
])("%s", (_, rules, names) => {
  expect(originOf(rules, GIVEN)).toEqual(names);
});

for (const flavour of ["prometheus", "vmagent"] as const satisfies readonly RelabelFlavour[]) {
  test(`no label of rule text holds anything that was given (${flavour})`, () => {
    fc.assert(
      fc.property(validRules(flavour), labels, (rules, all) => {
        const marked = all.map(([name, value]): Label => [name, `${value}§`]);
        const program = new RelabelProgram({ flavour, rules }, md5Tail);
        const { traces } = program.explain(marked);
        const after = new Map(traces.at(-1)?.after ?? []);
        for (const name of labelsOfRuleText(traces)) {
          expect(after.get(name) ?? "").not.toContain("§");
        }
      }),
      { numRuns: 1000 },
    );
  });
}
