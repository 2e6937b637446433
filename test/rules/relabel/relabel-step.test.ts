import { expect, test } from "vitest";
import { LabelSet } from "../../../src/rules/relabel/label-set.ts";
import { labelsText, parseLabelsText } from "../../../src/rules/relabel/labels-text.ts";
import type { RelabelFlavour, RelabelRule } from "../../../src/rules/relabel/relabel-rule.ts";
import { compileStep } from "../../../src/rules/relabel/relabel-step.ts";

const SERIES = 'm{a="1",b="1",c="x1y",up="TeXt"}';

/** The series behind one step, or `dropped`. */
function step(rule: Partial<RelabelRule>, flavour: RelabelFlavour = "prometheus"): string {
  const parsed = parseLabelsText(SERIES);
  const labels = new LabelSet(parsed.kind === "labels" ? parsed.labels : [], flavour);
  const whole = {
    action: "replace",
    sourceLabels: [],
    targetLabel: "",
    modulus: 0,
    ...rule,
  } as const;
  const md5Tail = (text: string) => BigInt(text.length + 10);
  return compileStep(whole, { flavour, md5Tail })(labels) ? labelsText(labels.labels()) : "dropped";
}

function kept(rule: Partial<RelabelRule>): boolean {
  return step(rule) !== "dropped";
}

test.each<[Partial<RelabelRule>, boolean]>([
  [{ action: "keep", sourceLabels: ["a"], regex: "1" }, true],
  [{ action: "keep", sourceLabels: ["a"], regex: "2" }, false],
  [{ action: "keep", sourceLabels: ["a", "b"], regex: "1;1" }, true],
  [{ action: "keep", sourceLabels: ["a", "b"], separator: "-", regex: "1-1" }, true],
  [{ action: "keep", sourceLabels: [], regex: "" }, true],
  [{ action: "drop", sourceLabels: ["a"], regex: "1" }, false],
  [{ action: "drop", sourceLabels: ["a"], regex: "2" }, true],
  [{ action: "keep_metrics", regex: "m" }, true],
  [{ action: "keep_metrics", regex: "n" }, false],
  [{ action: "drop_metrics", regex: "m" }, false],
  [{ action: "keepequal", sourceLabels: ["a"], targetLabel: "b" }, true],
  [{ action: "keepequal", sourceLabels: ["a"], targetLabel: "c" }, false],
  [{ action: "dropequal", sourceLabels: ["a"], targetLabel: "b" }, false],
  [{ action: "dropequal", sourceLabels: ["a"], targetLabel: "c" }, true],
  [{ action: "keep_if_equal", sourceLabels: ["a", "b"] }, true],
  [{ action: "keep_if_equal", sourceLabels: ["a", "b", "c"] }, false],
  [{ action: "drop_if_equal", sourceLabels: ["a", "b"] }, false],
  [{ action: "drop_if_equal", sourceLabels: ["a", "c"] }, true],
  [{ action: "keep_if_contains", sourceLabels: ["a", "b"], targetLabel: "c" }, true],
  [{ action: "keep_if_contains", sourceLabels: ["a", "up"], targetLabel: "c" }, false],
  [{ action: "drop_if_contains", sourceLabels: ["a"], targetLabel: "c" }, false],
  [{ action: "drop_if_contains", sourceLabels: ["up"], targetLabel: "c" }, true],
])("%j keeps the series: %s", (rule, expected) => {
  expect(kept(rule)).toBe(expected);
});

const REST = 'c="x1y",up="TeXt"';

test.each<[Partial<RelabelRule>, string]>([
  [{ sourceLabels: ["c"], regex: "x(.)y", targetLabel: "a", replacement: "-$1-" }, `a="-1-",b="1"`],
  [{ sourceLabels: ["c"], targetLabel: "a" }, `a="x1y",b="1"`],
  [{ sourceLabels: ["c"], regex: "no", targetLabel: "a" }, `a="1",b="1"`],
  [{ sourceLabels: ["c"], regex: "(x).*", targetLabel: "a", replacement: "" }, `b="1"`],
  [{ action: "lowercase", sourceLabels: ["up"], targetLabel: "a" }, `a="text",b="1"`],
  [{ action: "uppercase", sourceLabels: ["up"], targetLabel: "a" }, `a="TEXT",b="1"`],
  [
    { action: "replace_all", sourceLabels: ["b"], regex: "1", targetLabel: "a", replacement: "9" },
    `a="9",b="1"`,
  ],
  [{ action: "replace_all", sourceLabels: ["c"], regex: "z", targetLabel: "a" }, `a="1",b="1"`],
  [{ action: "hashmod", sourceLabels: ["c"], targetLabel: "a", modulus: 4 }, `a="1",b="1"`],
  [{ action: "labelmap", regex: "a", replacement: "b" }, `a="1",b="1"`],
  [{ action: "labeldrop", regex: "a|b" }, ""],
])("%j writes", (rule, expected) => {
  expect(step(rule)).toBe(`m{${[expected, REST].filter((part) => part !== "").join(",")}}`);
});

test("labelkeep leaves what matches, labelmap_all and graphite write names and labels", () => {
  expect(step({ action: "labelkeep", regex: "__name__|a" })).toBe('m{a="1"}');
  const renamed = step({ action: "labelmap_all", regex: "u", replacement: "U" });
  expect(renamed).toBe('m{Up="TeXt",a="1",b="1",c="x1y"}');
  const graphite = step({ action: "graphite", match: "*", labels: { a: "is-$1" } });
  expect(graphite).toContain('a="is-m"');
  expect(step({ action: "graphite", match: "no.*", labels: { a: "$1" } })).toBe(SERIES);
});

test("labelmap sees what it wrote itself in vmagent's flavour only", () => {
  const swap = { action: "labelmap", regex: "(a|c)", replacement: "c" } as const;
  expect(step(swap)).toContain('c="x1y"');
  expect(step(swap, "vmagent")).toContain('c="1"');
});

test("a name that cannot be one is taken in vmagent's flavour only", () => {
  const rule = { sourceLabels: ["a"], targetLabel: "$2", replacement: "v" };
  expect(step(rule)).toBe(SERIES);
  expect(step(rule, "vmagent")).not.toBe(SERIES);
});

test("hashmod takes the hash of the flavour", () => {
  const rule = { action: "hashmod", sourceLabels: ["c"], targetLabel: "a", modulus: 1000 } as const;
  expect(step(rule)).toContain('a="13"');
  expect(step(rule, "vmagent")).not.toContain('a="13"');
});
