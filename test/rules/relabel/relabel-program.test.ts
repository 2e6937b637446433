import { expect, test } from "vitest";
import type { Label } from "../../../src/rules/relabel/label-set.ts";
import { labelsText, parseLabelsText } from "../../../src/rules/relabel/labels-text.ts";
import { RelabelProgram } from "../../../src/rules/relabel/relabel-program.ts";
import type { RelabelFlavour } from "../../../src/rules/relabel/relabel-rule.ts";
import { checkedRule } from "../../../src/rules/relabel/validate-rule.ts";
import { md5Tail } from "./md5-tail.ts";

type Fields = Readonly<Record<string, unknown>>;

function program(rules: readonly Fields[], flavour: RelabelFlavour = "prometheus"): RelabelProgram {
  const read = rules.map((raw) => {
    const one = checkedRule(raw, { flavour, names: "utf8" });
    if (one.kind === "wrong") {
      throw new Error(one.message);
    }
    return one.rule;
  });
  return new RelabelProgram({ flavour, rules: read }, md5Tail);
}

function labelsOf(text: string): readonly Label[] {
  const parsed = parseLabelsText(text);
  return parsed.kind === "labels" ? parsed.labels : [];
}

/** The series that comes out of one, or `dropped`. */
function relabel(series: string, ...rules: readonly Fields[]): string {
  const out = program(rules).apply(labelsOf(series));
  return out === undefined ? "dropped" : labelsText(out);
}

test("hashmod is the tail of an MD5, or xxHash64 in vmagent's flavour", () => {
  const rule = { action: "hashmod", source_labels: ["a"], target_label: "shard", modulus: 123 };
  expect(relabel('{a="yyy"}', rule)).toBe('{a="yyy",shard="77"}');
  const other = program([rule], "vmagent").apply(labelsOf('{a="yyy"}'));
  expect(labelsText(other ?? [])).toBe('{a="yyy",shard="73"}');
});

test("a metric is renamed by __name__, and one without labels is dropped", () => {
  const rename = {
    source_labels: ["__name__"],
    regex: "old_(.+)",
    target_label: "__name__",
    replacement: "new_$1",
  };
  expect(relabel('old_total{a="b"}', rename)).toBe('new_total{a="b"}');
  expect(relabel("old_total", { action: "labeldrop", regex: ".*" })).toBe("dropped");
});

test("an empty value removes a label; in vmagent's flavour only after the last rule", () => {
  const empty = { target_label: "a", replacement: "" };
  const copy = { action: "labelmap", regex: "a", replacement: "b" };
  expect(relabel('{a="1",b="2"}', empty, copy)).toBe('{b="2"}');
  const other = program([empty, copy], "vmagent").apply(labelsOf('{a="1",b="2",c="3"}'));
  expect(labelsText(other ?? [])).toBe('{c="3"}');
});

test("labels mapped to one name: the last has its value, also where it has the name already", () => {
  const first = { action: "labelmap", regex: "b", replacement: "a" };
  const all = { action: "labelmap", regex: ".+", replacement: "a" };
  expect(relabel('{b="1",c="2"}', first, all)).toBe('{a="1",b="1",c="2"}');
  expect(relabel('{b="1",c="2"}', all)).toBe('{a="2",b="1",c="2"}');
});

test("a target label that comes out empty leaves the labels alone", () => {
  expect(relabel('{a="1"}', { source_labels: ["a"], target_label: "$2" })).toBe('{a="1"}');
});

test("what a label holds is not looked at again when it is filled in", () => {
  const rule = { target_label: "c", replacement: "{{a}}-{{b}}" };
  expect(relabel('{a="$1",b="x"}', rule)).toBe('{a="$1",b="x",c="$1-x"}');
});

test("letters beyond ASCII change case one by one, as in Go", () => {
  const upper = { action: "uppercase", source_labels: ["a"], target_label: "b" };
  const lower = { action: "lowercase", source_labels: ["a"], target_label: "b" };
  expect(relabel('{a="straße"}', upper)).toBe('{a="straße",b="STRAßE"}');
  expect(relabel('{a="ΑΣ İ"}', lower)).toBe('{a="ΑΣ İ",b="ας i"}'.replace("ς", "σ"));
});

test("explain tells what each rule saw and did, up to the one that dropped", () => {
  const { traces, labels } = program([
    { target_label: "a", replacement: "x", if: "other" },
    { source_labels: ["a", "b"], target_label: "c" },
    { action: "drop", source_labels: ["c"], regex: "1;2" },
    { target_label: "never", replacement: "1" },
  ]).explain(labelsOf('m{a="1",b="2"}'));
  expect(labels).toBeUndefined();
  expect(traces.map(({ applied, source }) => [applied, source])).toEqual([
    [false, ""],
    [true, "1;2"],
    [true, "1;2"],
  ]);
  expect(traces.map(({ after }) => after && labelsText(after))).toEqual([
    'm{a="1",b="2"}',
    'm{a="1",b="2",c="1;2"}',
    undefined,
  ]);
});

test("keep with an if keeps nothing else", () => {
  expect(relabel('m{a="1"}', { action: "keep", if: '{a="1"}' })).toBe('m{a="1"}');
  expect(relabel('m{a="2"}', { action: "keep", if: ['{a="1"}', "n"] })).toBe("dropped");
  expect(relabel('m{a="2"}', { action: "keep_metrics", if: "n" })).toBe("dropped");
  expect(relabel('m{a="2"}', { action: "drop", if: "n" })).toBe('m{a="2"}');
});
