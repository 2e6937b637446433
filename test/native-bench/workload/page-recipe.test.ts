import { createHash } from "node:crypto";
import parsePrometheusTextFormat from "parse-prometheus-text-format";
import { describe, expect, test } from "vitest";
import { pageBytes } from "../../../native-bench/workload/page-bytes.ts";
import { layPage, type PageRecipe } from "../../../native-bench/workload/page-recipe.ts";
import { SEED_FILTER } from "../../../native-bench/workload/seed-filter.ts";
import { sampleLines, shapeOf } from "./page-shape.ts";

const RECIPES: readonly PageRecipe[] = [
  { kind: "istio", size: 5000 },
  { kind: "node", size: 1000 },
  { kind: "sidecar", size: 1_000_000 },
  { kind: "kube-state", size: 1_000_000 },
];

describe.each(RECIPES)("a page of kind $kind", (recipe) => {
  test("is the same for the same seed and target", () => {
    expect(digest(pageBytes(recipe, 7))).toBe(digest(pageBytes(recipe, 7)));
    expect(digest(pageBytes(recipe, 7))).not.toBe(digest(pageBytes(recipe, 8)));
  });

  test("differs from target to target", () => {
    const [first, second] = [0, 1].map((index) => layPage(recipe, 7, index));
    expect(first?.text.equals(second?.text ?? Buffer.alloc(0))).toBe(false);
  });

  test("has no series twice", () => {
    const series = sampleLines(pageBytes(recipe, 7)).map((line) => line.replace(/ \S+$/, ""));
    expect(new Set(series).size).toBe(series.length);
  });

  test("is valid exposition with every family in one piece", () => {
    const text = pageBytes(recipe, 7).toString();
    const declared = text.split("\n").filter((line) => line.startsWith("# TYPE "));
    const families = parsePrometheusTextFormat(text);
    expect(families.length).toBe(declared.length);
    expect(families.every(({ metrics }) => metrics.length > 0)).toBe(true);
    expect(new Set(declared).size).toBe(declared.length);
  });
});

// Bounds around what `workload_distributions.json` says of real pages, or the issue of the workload.
test("long lines: 5,000 of about 390 bytes with 12 labels", () => {
  const shape = shapeOf(pageBytes({ kind: "istio", size: 5000 }, 1));
  expect(shape.samples).toBe(5000);
  expectWithin(shape.meanLine, 375, 405);
  expect(shape.medianLabels).toBe(12);
  expectWithin(shape.zeroShare, 0.2, 0.45);
});

test("short lines: 1,000 of about 80 bytes, comments as a node exporter has them", () => {
  const shape = shapeOf(pageBytes({ kind: "node", size: 1000 }, 1));
  expect(shape.samples).toBe(1000);
  expectWithin(shape.meanLine, 70, 90);
  expectWithin(shape.zeroShare, 0.3, 0.5);
  expectWithin(shape.scientificShare, 0.05, 0.35);
  expectWithin(shape.commentShare, 0.1, 0.5);
});

test("a sidecar: two populations of lines, 8 MB", () => {
  const page = pageBytes({ kind: "sidecar", size: 8_000_000 }, 1);
  const lengths = sampleLines(page).map((line) => line.length);
  expectWithin(page.length, 7_600_000, 8_400_000);
  expectWithin(lengths.filter((length) => length < 200).length, 250, 600);
  expect(lengths.filter((length) => length >= 200).every((length) => length > 700)).toBe(true);
  expectWithin(shapeOf(page).zeroShare, 0.2, 0.45);
});

test("the published filter keeps a few percent of a small sidecar", () => {
  const layout = layPage({ kind: "sidecar", size: 500_000, filter: SEED_FILTER }, 1, 0);
  expectWithin(layout.kept / layout.ends.length, 0.02, 0.15);
  expect(layout.keptNames).toContain("istio_agent_go_goroutines");
  expect(layout.keptNames).not.toContain("istio_request_bytes_bucket");
});

test("kube-state-metrics: the size asked for, lines of about 150 bytes", () => {
  const page = pageBytes({ kind: "kube-state", size: 3_000_000 }, 1);
  expectWithin(page.length, 2_800_000, 3_200_000);
  expectWithin(shapeOf(page).meanLine, 110, 170);
});

function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function expectWithin(value: number, least: number, most: number): void {
  expect(value).toBeGreaterThanOrEqual(least);
  expect(value).toBeLessThanOrEqual(most);
}
