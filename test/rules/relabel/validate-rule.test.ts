import { expect, test } from "vitest";
import { checkedRule, type RuleChecks } from "../../../src/rules/relabel/validate-rule.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with a rule, or `fine`. */
function judged(raw: unknown, checks: Partial<RuleChecks> = {}): string {
  const read = checkedRule(raw, { flavour: "prometheus", names: "utf8", ...checks });
  return read.kind === "wrong" ? read.message : "fine";
}

const BOTH: readonly (readonly [rule: Fields, trouble: string])[] = [
  [{ action: "nope" }, 'unknown relabel action "nope"'],
  [{ action: "" }, "cannot be empty"],
  [{ target_label: "a", colour: 1 }, "unknown key colour"],
  [{ target_label: ["a"] }, "target_label is not a text"],
  [{ source_labels: "a", target_label: "b" }, "source_labels is not a list"],
  [{ target_label: "a", regex: "(" }, "does not compile"],
  [{ target_label: "a", regex: "a)(b" }, "does not compile"],
  [{ target_label: "a", if: 'x{a="1"' }, "is no series selector"],
  [{ target_label: "a", if: 'x{a=~"("}' }, "pattern of a does not compile"],
  [{ target_label: "a", if: [1] }, "neither a series selector nor a list"],
  [{ target_label: "a", modulus: -1 }, "modulus is not a whole number"],
  [{ target_label: "a", modulus: 1.5 }, "modulus is not a whole number"],
  [{ action: "graphite", match: "a", labels: [] }, "labels is not a table"],
  [{ action: "graphite", labels: { a: "b" } }, "graphite needs match"],
  [{ action: "graphite", match: "a" }, "graphite needs labels"],
  [{ action: "graphite", match: "a", labels: { a: "b" }, regex: "x" }, "takes no regex"],
  [
    { action: "graphite", match: "a", labels: { a: "b" }, replacement: "x" },
    "takes no replacement",
  ],
  [{ target_label: "a", match: "x" }, "takes no match"],
  [{ target_label: "a", labels: { a: "b" } }, "takes no labels"],
  [{ action: "keep_if_equal", source_labels: ["a"] }, "at least 2 source_labels"],
  [
    { action: "drop_if_equal", source_labels: ["a", "b"], target_label: "c" },
    "takes no target_label",
  ],
  [{ action: "keep_if_contains", source_labels: ["a"] }, "needs target_label"],
  [{ action: "drop_if_contains", target_label: "a" }, "needs source_labels"],
  [{ action: "replace_all", target_label: "a" }, "needs source_labels"],
  [{ action: "keep_metrics" }, "needs regex or if"],
  [{ action: "drop_metrics", regex: "a", source_labels: ["b"] }, "takes no source_labels"],
];

test.each(BOTH)("%j is refused in both flavours", (rule, trouble) => {
  expect(judged(rule)).toContain(trouble);
  expect(judged(rule, { flavour: "vmagent" })).toContain(trouble);
});

test("a rule that is no table is refused", () => {
  expect(judged("drop")).toContain("table of keys");
  expect(judged(null)).toContain("table of keys");
});

test.each([
  [
    { action: "hashmod", source_labels: ["a"], target_label: "b" },
    "non-zero modulus",
    "above zero",
  ],
  [{ action: "replace" }, "requires 'target_label' value", "needs target_label"],
  [{ action: "lowercase", target_label: "a" }, "fine", "needs source_labels"],
  [
    { action: "uppercase", source_labels: ["a"], target_label: "a", replacement: "x" },
    "'replacement' can not be set",
    "fine",
  ],
  [{ action: "keep", regex: "a" }, "fine", "needs source_labels or if"],
  [{ action: "labeldrop", regex: "a", source_labels: ["b"] }, "requires only 'regex'", "fine"],
  [{ action: "labelmap", replacement: "" }, "is invalid 'replacement'", "fine"],
  [
    { action: "keepequal", source_labels: ["a"], target_label: "b", regex: "c" },
    "requires only 'source_labels'",
    "takes no regex",
  ],
])("%j is judged by its flavour", (rule, prometheus, vmagent) => {
  expect(judged(rule)).toContain(prometheus);
  expect(judged(rule, { flavour: "vmagent" })).toContain(vmagent);
});

test.each([
  ["a.b", "fine", "is invalid 'target_label'"],
  ["a_$1", "fine", "fine"],
  ["a-$1", "fine", "is invalid 'target_label'"],
  ["0a", "fine", "is invalid 'target_label'"],
])("target_label %j among UTF-8 names and among those of old", (name, utf8, legacy) => {
  expect(judged({ target_label: name })).toContain(utf8);
  expect(judged({ target_label: name }, { names: "legacy" })).toContain(legacy);
});

test("values that YAML or TOML read as other types are texts", () => {
  const read = checkedRule(
    {
      action: "Replace",
      source_labels: [1],
      target_label: "a",
      regex: [1.5, null, true],
      separator: null,
    },
    { flavour: "prometheus", names: "utf8" },
  );
  expect(read).toEqual({
    kind: "rule",
    rule: {
      action: "replace",
      sourceLabels: ["1"],
      targetLabel: "a",
      regex: "1.5|null|true",
      modulus: 0,
    },
  });
});
