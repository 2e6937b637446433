import { expect, test } from "vitest";
import { IssueLog } from "../../../src/config/language/issue-log.ts";
import { Reading } from "../../../src/config/language/reading.ts";
import type { ValueType } from "../../../src/config/language/schema.ts";
import {
  anyDuration,
  boolean,
  duration,
  integer,
  oneOf,
  patterns,
  strings,
} from "../../../src/config/language/value-types.ts";

function read(type: ValueType<unknown>, raw: unknown) {
  const log = new IssueLog();
  const value = type.read(raw, new Reading({ log, file: "f" }, "k", undefined));
  return [value, ...log.inOrder("f").map(({ severity, message }) => `${severity}: ${message}`)];
}

test.each<[string, ValueType<unknown>, unknown, unknown[]]>([
  ["a boolean", boolean, true, [true]],
  ["a word for one", boolean, "true", [undefined, 'error: "true" is not true or false']],
  ["a whole number", integer(1), 1, [1]],
  ["a fraction", integer(1), 1.5, [undefined, "error: 1.5 is not a whole number (at least 1)"]],
  ["a duration", duration(), "1m", [60_000]],
  ["none", duration(), "0s", [undefined, 'error: "0s" is not a duration above zero']],
  ["none, left to the caller", anyDuration, "0s", [0]],
  ["a word in any case", oneOf(["a", "b"]), "B", ["b"]],
  ["another spelling of it", oneOf(["a", "b"], { c: "b" }), "c", ["b"]],
  ["a list", strings, ["x"], [["x"]]],
  [
    "a list in place of a text",
    strings,
    "x",
    [undefined, 'error: must be a list of strings; put "x" in brackets'],
  ],
  ["patterns", patterns, ["^a"], [["^a"]]],
])("%s", (_, type, raw, outcome) => {
  expect(read(type, raw)).toEqual(outcome);
});

test("a pattern that does not compile is left out, and the others stay", () => {
  const [value, issue] = read(patterns, ["(", "b"]);
  expect(value).toEqual(["b"]);
  expect(issue).toContain('warning: the pattern "(" does not compile and is left out');
});

test("a duration is written as it is read", () => {
  expect(duration().write?.(90_000)).toBe("1m30s");
});
