import { expect, test } from "vitest";
import { OnceTotals } from "../../../src/agent/commands/once-totals.ts";

function totals(...texts: string[]) {
  const counted = new OnceTotals();
  for (const text of texts) {
    counted.add(text);
  }
  const { points, series, measurements } = counted;
  return { points, series, measurements };
}

test("points are lines, series are distinct measurement, tags and field", () => {
  expect(totals("b,x=1 f=1 5\na g=2,h=3 5\n", "b,x=1 f=2 6\n")).toEqual({
    points: 3,
    series: 3,
    measurements: ["a", "b"],
  });
});

test("an escaped delimiter is part of its name", () => {
  expect(totals("a\\,b\\ c,t=x\\ y f\\,g=1,h=2 5\n")).toEqual({
    points: 1,
    series: 2,
    measurements: ["a,b c"],
  });
});

test("nothing is nothing", () => {
  expect(totals("", "\n")).toEqual({ points: 0, series: 0, measurements: [] });
});
