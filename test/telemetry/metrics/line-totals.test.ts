import { expect, test } from "vitest";
import { LineTotals } from "../../../src/telemetry/metrics/line-totals.ts";
import { scrapeReport } from "../scrape-report-fixture.ts";

test("the fates of lines add up to those that were read, over several pages", () => {
  const totals = new LineTotals();
  totals.record(scrapeReport().counts);
  const once = totals.all.map((total) => ({ ...total }));
  totals.record(scrapeReport().counts);
  expect(totals.all).toEqual(once.map((total) => ({ ...total, lines: total.lines * 2 })));
  const of = (isRead: boolean) =>
    totals.all
      .filter(({ fate }) => (fate === "read") === isRead)
      .reduce((all, { lines }) => all + lines, 0);
  expect(of(true)).toBeGreaterThan(0);
  expect(of(false)).toBe(of(true));
});

test("what did not happen has no total", () => {
  const totals = new LineTotals();
  totals.record(scrapeReport().counts);
  expect(totals.all.filter(({ lines }) => lines === 0)).toEqual([]);
});
