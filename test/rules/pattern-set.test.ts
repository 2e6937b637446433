import { expect, test } from "vitest";
import { type PatternFault, PatternSet } from "../../src/rules/pattern-set.ts";

function compiled(...patterns: string[]): PatternSet {
  const set = PatternSet.compile(patterns, []);
  if (set === undefined) {
    throw new Error("nothing compiled");
  }
  return set;
}

test("a pattern is found anywhere unless it is anchored", () => {
  const set = compiled("http", "^go");
  expect(set.test("xhttp_y")).toBe(true);
  expect(set.test("go_threads")).toBe(true);
  expect(set.test("mygo_x")).toBe(false);
});

test("patterns are Go's: what only other engines know does not compile and is left out", () => {
  const faults: PatternFault[] = [];
  const set = PatternSet.compile(["(?=x)", "a(", "\\Aup\\z"], faults);
  expect(faults.map(({ pattern }) => pattern)).toEqual(["(?=x)", "a("]);
  expect(faults.every(({ message }) => message.length > 0)).toBe(true);
  expect(set?.test("up")).toBe(true);
  expect(set?.test("ups")).toBe(false);
});

test("where nothing compiles there is no set", () => {
  expect(PatternSet.compile(["("], [])).toBeUndefined();
  expect(PatternSet.compile([], [])).toBeUndefined();
});

test("a pattern that makes other engines backtrack takes linear time", () => {
  const set = compiled("(a+)+$");
  const started = performance.now();
  expect(set.test(`${"a".repeat(4000)}b`)).toBe(false);
  // A backtracking engine would take longer than the age of the universe.
  expect(performance.now() - started).toBeLessThan(5000);
});

test("of a long text the first 4096 characters are searched (compatibility.md, Long texts)", () => {
  const set = compiled("e[n]d$", "x.*y.*z");
  expect(set.test(`${"a".repeat(4093)}end`)).toBe(true);
  expect(set.test(`${"a".repeat(4094)}end`)).toBe(false);
  const started = performance.now();
  expect(set.test("x".repeat(1_000_000))).toBe(false);
  expect(performance.now() - started).toBeLessThan(500);
});
