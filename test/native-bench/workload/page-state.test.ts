import fc from "fast-check";
import { expect, test } from "vitest";
import { wholePage } from "../../../native-bench/workload/page-bytes.ts";
import { layPage, type PageRecipe } from "../../../native-bench/workload/page-recipe.ts";
import { PageState } from "../../../native-bench/workload/page-state.ts";
import { sampleLines } from "./page-shape.ts";

const MESH: PageRecipe = { kind: "istio", size: 1000 };
const NODE: PageRecipe = { kind: "node", size: 500 };

test.each([
  [MESH, 0.15, 0.6],
  [NODE, 0.05, 0.3],
] as const)(
  "between two scrapes of %o a share of the values moves, no name does",
  (recipe, least, most) => {
    const [before, after] = scrapes(recipe, 0, 2);
    expect(after?.map(series)).toEqual(before?.map(series));
    const moved = after?.filter((line, index) => line !== before?.[index]).length ?? 0;
    expect(moved / recipe.size).toBeGreaterThan(least);
    expect(moved / recipe.size).toBeLessThan(most);
  },
);

test("counters never fall", () => {
  const pages = scrapes(MESH, 0, 20);
  for (const [index, page] of pages.slice(1).entries()) {
    const falls = page.filter((line, at) => {
      return (
        /^\w+_(?:bucket|count|total|sum)[{ ]/.test(line) &&
        value(line) < value(pages[index]?.[at] ?? "")
      );
    });
    expect(falls).toEqual([]);
  }
});

test("a histogram's buckets do not fall from bound to bound and end at its count", () => {
  const page = scrapes(MESH, 0.02, 10).at(-1) ?? [];
  const counts = page.filter((line) => /^istio_request_bytes_count\{/.test(line));
  expect(counts.length).toBe(14);
  for (const count of counts) {
    const labels = count.slice(count.indexOf("{") + 1, count.indexOf("}"));
    const buckets = page.filter((line) =>
      line.startsWith(`istio_request_bytes_bucket{${labels},le=`),
    );
    const values = buckets.map(value);
    expect(values.length).toBe(20);
    expect(values).toEqual(values.toSorted((left, right) => left - right));
    expect(values.at(-1)).toBe(value(count));
  }
});

test("churn replaces its share of the series, in all families alike, and no series twice", () => {
  const pages = scrapes({ kind: "istio", size: 5000 }, 0.02, 11);
  const replaced = pages.slice(1).map((page, index) => {
    const before = new Set(pages[index]?.map(series));
    return page.filter((line) => !before.has(series(line))).length;
  });
  const share = replaced.reduce((sum, count) => sum + count, 0) / replaced.length / 5000;
  expect(share).toBeGreaterThan(0.018);
  expect(share).toBeLessThan(0.022);
  const last = pages.at(-1)?.map(series) ?? [];
  expect(new Set(last).size).toBe(5000);
});

test("the same seed gives the same scrapes", () => {
  expect(scrapes(MESH, 0.02, 4)).toEqual(scrapes(MESH, 0.02, 4));
});

test("any size of chunk makes the same page", () => {
  const state = new PageState(layPage(MESH, 3, 0), 3, 0);
  const whole = wholePage(state);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), (bytes) => {
      const chunks = [...state.chunks(bytes, () => Buffer.alloc(bytes + 4096))];
      expect(Buffer.concat(chunks).equals(whole)).toBe(true);
      expect(chunks.every((chunk) => chunk.length <= bytes + 4096)).toBe(true);
    }),
    { numRuns: 30 },
  );
});

function scrapes(recipe: PageRecipe, churn: number, count: number): string[][] {
  const state = new PageState(layPage(recipe, 5, 0), 5, churn);
  return Array.from({ length: count }, () => {
    state.move();
    return sampleLines(wholePage(state));
  });
}

function series(line: string): string {
  return line.slice(0, line.lastIndexOf(" "));
}

function value(line: string): number {
  return Number(line.slice(line.lastIndexOf(" ") + 1));
}
