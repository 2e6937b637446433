import Registry from "prom-client/lib/registry.js";
import { expect, test } from "vitest";
import { SumCounter } from "../../../src/telemetry/metrics/sum-counter.ts";

/** The samples of the page. */
async function page(registry: Registry): Promise<string[]> {
  const text = await registry.metrics();
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

test("without labels it is there from the start", async () => {
  const registry = new Registry();
  const counter = new SumCounter("a_total", "A.", [], [registry]);
  expect(await page(registry)).toEqual(["a_total 0"]);
  counter.add(2);
  counter.add(0.5);
  expect(await page(registry)).toEqual(["a_total 2.5"]);
  expect(await page(registry)).toEqual(["a_total 2.5"]);
});

test("with labels, each sum from its first addition on", async () => {
  const registry = new Registry();
  const counter = new SumCounter<[string, string]>("b_total", "B.", ["x", "y"], [registry]);
  expect(await page(registry)).toEqual([]);
  counter.add(1, "a", "b c");
  counter.add(0, "a b", "c");
  expect(await page(registry)).toEqual(['b_total{x="a",y="b c"} 1', 'b_total{x="a b",y="c"} 0']);
  counter.add(4, "a", "b c");
  expect(await page(registry)).toEqual(['b_total{x="a",y="b c"} 5', 'b_total{x="a b",y="c"} 0']);
});
