import { expect, test } from "vitest";
import { scrapeUrlOf } from "../../../src/rules/relabel/scrape-url.ts";

function url(labels: Readonly<Record<string, string>>): readonly string[] | undefined {
  const found = scrapeUrlOf(Object.entries(labels));
  return found && [found.url, found.address];
}

test("labels of a target make its URL, with Prometheus' defaults", () => {
  expect(url({ __address__: "h" })).toEqual(["http://h/metrics", "h:80"]);
  expect(url({ __address__: "h", __scheme__: "https" })).toEqual(["https://h/metrics", "h:443"]);
  expect(url({ __address__: "[::1]:9", __metrics_path__: "m" })).toEqual([
    "http://[::1]:9/m",
    "[::1]:9",
  ]);
  expect(url({ __address__: "[::1]" })).toEqual(["http://[::1]/metrics", "[::1]:80"]);
  expect(url({})).toBeUndefined();
});

test("parameters are sorted and written as Go writes them", () => {
  const labels = { __address__: "h", __param_b: "x y~*", __param_a: "é" };
  expect(url(labels)?.[0]).toBe("http://h/metrics?a=%C3%A9&b=x+y~%2A");
  expect(url({ __address__: "https://h:1/p?c=d", __param_a: "1" })).toEqual([
    "https://h:1/p?c=d&a=1",
    "h:1",
  ]);
});
