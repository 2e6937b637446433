import { expect, test } from "vitest";
import { targetKey } from "../../src/discovery/target-key.ts";
import { promInput } from "../support/prom-input.ts";

const KEY = targetKey("http://a/", promInput());

test("16 hex digits", () => {
  expect(KEY).toMatch(/^[0-9a-f]{16}$/);
});

test("other URLs of the same table do not matter", () => {
  expect(targetKey("http://a/", promInput({ urls: ["http://a/", "http://b/"] }))).toBe(KEY);
});

test.each([
  ["the URL", targetKey("http://b/", promInput())],
  ["the interval", targetKey("http://a/", promInput({ intervalMs: 1000 }))],
  ["a tag", targetKey("http://a/", promInput({ tags: { a: "b" } }))],
  [
    "a rule",
    targetKey("http://a/", promInput({ rules: { ...promInput().rules, metricNameFilter: ["x"] } })),
  ],
  ["a token", targetKey("http://a/", promInput({ bearer: { kind: "token", token: "t" } }))],
])("%s changes the key", (_what, key) => {
  expect(key).not.toBe(KEY);
});
