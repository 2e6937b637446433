import fc from "fast-check";
import { expect, test } from "vitest";
import { readRelabelYaml } from "../../../src/config/input/relabel-yaml.ts";
import { labelsText, parseLabelsText } from "../../../src/rules/relabel/labels-text.ts";
import { readRule } from "../../../src/rules/relabel/read-rule.ts";
import type { RelabelRule } from "../../../src/rules/relabel/relabel-rule.ts";
import { rulesText } from "../../../src/rules/relabel/rule-text.ts";

const anyText = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: fc.constantFrom(..."ab:#'\"\\{}[],&*!|>%@`- \n\t~0.é"), maxLength: 6 }),
  fc.constantFrom("yes", "null", "1.5", "0x1f", ".inf", "---", "- a", "a: b", "$1", "a #b"),
);
const rule = fc.record({
  action: fc.constantFrom("replace", "keep" as const),
  sourceLabels: fc.array(anyText, { maxLength: 3 }),
  targetLabel: anyText,
  modulus: fc.nat(5),
  separator: anyText,
  replacement: anyText,
  regex: anyText.filter((text) => text !== ""),
  if: fc.array(anyText, { minLength: 1, maxLength: 2 }),
  labels: fc.dictionary(anyText, anyText, { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
});

test("a rule that was written as YAML reads back the same", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(rule, { minLength: 1, maxLength: 3 }), async (rules) => {
      const values = await readRelabelYaml(rulesText(rules as readonly RelabelRule[]));
      expect(values.kind).toBe("list");
      const read = values.kind === "list" ? values.entries.map(({ raw }) => readRule(raw)) : [];
      expect(read).toEqual(rules.map((one) => ({ kind: "rule", rule: one })));
    }),
  );
});

test("labels that were written as text read back the same", () => {
  const name = fc.string({ unit: fc.constantFrom(..."abé.-:0"), minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.dictionary(name, anyText, { noNullPrototype: true }), (labels) => {
      const pairs = Object.entries(labels).sort(([left], [right]) => (left < right ? -1 : 1));
      expect(parseLabelsText(labelsText(pairs))).toEqual({ kind: "labels", labels: pairs });
    }),
  );
});
