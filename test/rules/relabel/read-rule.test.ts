import { expect, test } from "vitest";
import { readRule } from "../../../src/rules/relabel/read-rule.ts";

const DEFAULTS = { action: "replace", sourceLabels: [], targetLabel: "", modulus: 0 };

test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  ["nothing", {}, {}],
  ["an action in any case", { action: "LabelDrop" }, { action: "labeldrop" }],
  ["source labels", { source_labels: ["a", 1, true] }, { sourceLabels: ["a", "1", "true"] }],
  ["a target label", { target_label: "a" }, { targetLabel: "a" }],
  ["a regex", { regex: "a" }, { regex: "a" }],
  ["a number as regex", { regex: 404 }, { regex: "404" }],
  ["no regex", { regex: null }, { regex: "" }],
  ["a list of patterns", { regex: ["a", null, ["b", "c"]] }, { regex: "a|null|b|c" }],
  ["a modulus", { modulus: "8" }, { modulus: 8 }],
  ["empty texts", { separator: "", replacement: "" }, { separator: "", replacement: "" }],
  ["no separator", { separator: null }, {}],
  ["a selector", { if: "up" }, { if: ["up"] }],
  ["selectors", { if: ["a", "b"] }, { if: ["a", "b"] }],
  ["a match", { match: "a.*", labels: { b: 1 } }, { match: "a.*", labels: { b: "1" } }],
])("%s is read", (_, raw, expected) => {
  expect(readRule(raw)).toEqual({ kind: "rule", rule: { ...DEFAULTS, ...expected } });
});

test.each<[unknown, string]>([
  ["text", "a relabel rule has to be a table of keys"],
  [null, "a relabel rule has to be a table of keys"],
  [[], "a relabel rule has to be a table of keys"],
  [{ colour: 1 }, "unknown key colour"],
  [{ action: "" }, "relabel action cannot be empty"],
  [{ action: "keeep" }, 'unknown relabel action "keeep"'],
  [{ source_labels: "a" }, "source_labels is not a list"],
  [{ source_labels: [{}] }, "source_labels is not a text"],
  [{ target_label: {} }, "target_label is not a text"],
  [{ regex: {} }, "regex is not a text"],
  [{ modulus: -1 }, "modulus is not a whole number of zero or more"],
  [{ modulus: 1.5 }, "modulus is not a whole number of zero or more"],
  [{ if: 1 }, "'if' is neither a series selector nor a list of them"],
  [{ if: ["a", 1] }, "'if' is neither a series selector nor a list of them"],
  [{ labels: "a" }, "labels is not a table"],
  [{ labels: { a: [] } }, "labels is not a text"],
])("%j is wrong", (raw, message) => {
  expect(readRule(raw)).toEqual({ kind: "wrong", message });
});

test("the first thing that is wrong is told", () => {
  expect(readRule({ colour: 1, modulus: -1 })).toMatchObject({ message: "unknown key colour" });
});
