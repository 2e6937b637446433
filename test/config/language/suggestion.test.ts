import { expect, test } from "vitest";
import { didYouMean } from "../../../src/config/language/suggestion.ts";

const KEYS = ["interval", "url", "urls", "metric_name_filter"];

test.each([
  ["intervall", '; did you mean "interval"?'],
  ["Interval", '; did you mean "interval"?'],
  ["metric-name-filter", '; did you mean "metric_name_filter"?'],
  ["uri", '; did you mean "url"?'],
  ["x", ""],
  ["relabel_configs", ""],
  ["i".repeat(10_000), ""],
])("%s", (given, hint) => {
  expect(didYouMean(given, KEYS)).toBe(hint);
});

test("without known words there is nothing to suggest", () => {
  expect(didYouMean("a", [])).toBe("");
});
