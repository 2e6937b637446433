import { expect, test } from "vitest";
import { layPage } from "../../../native-bench/workload/page-recipe.ts";
import { selectWorkloads, workloads } from "../../../native-bench/workload/workload.ts";

const FULL = workloads("full");

test("the filter of W2 keeps 9 %", () => {
  const recipe = FULL.find(({ name }) => name === "W2")?.parts[0]?.recipe;
  const layout = layPage(recipe!, 1, 0);
  expect(layout.kept / layout.ends.length).toBeCloseTo(0.09, 2);
});

test.each([
  [[], FULL.map(({ name }) => name)],
  [["W1"], ["W1"]],
  [
    ["W3", "W1"],
    ["W1", "W3"],
  ],
  [["W4"], ["W4", "W4-busy"]],
  [["W7"], ["W7-1", "W7-10", "W7-100", "W7-500"]],
  [["W7-100"], ["W7-100"]],
  [["W1-gzip"], ["W1-gzip"]],
  [
    ["W3-gzip", "W1"],
    ["W1", "W3-gzip"],
  ],
  [["W7-gzip"], ["W7-1-gzip", "W7-10-gzip", "W7-100-gzip", "W7-500-gzip"]],
])("%j selects %j", (asked, selected) => {
  expect(selectWorkloads(FULL, asked)?.map(({ name }) => name)).toEqual(selected);
});

test.each([
  [
    ["W1", "W3"],
    ["W1", "W1-gzip", "W3", "W3-gzip"],
  ],
  [["W4-busy"], ["W4-busy", "W4-busy-gzip"]],
  [[], FULL.flatMap(({ name }) => [name, `${name}-gzip`])],
])("with gzip %j selects %j", (asked, selected) => {
  expect(selectWorkloads(FULL, asked, true)?.map(({ name }) => name)).toEqual(selected);
});

test("an unknown workload is none", () => {
  expect(selectWorkloads(FULL, ["W1", "W9"])).toBeUndefined();
});
