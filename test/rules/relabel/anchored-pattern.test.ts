import { expect, test } from "vitest";
import { AnchoredPattern, checkRegex } from "../../../src/rules/relabel/anchored-pattern.ts";

test.each([
  [".*", "any"],
  ["(.*)", "any"],
  ["a|.*", "any"],
  ["a|b", "exact"],
  ["a.*|b", "forms"],
  [".+", "forms"],
  ["a[bc]", "re2"],
] as const)("%s is answered by %s", (source, kind) => {
  expect(new AnchoredPattern(source).kind).toBe(kind);
});

test.each(["a|b", "a.*|b", "a[bc]?", ".*"])("%s has to match the whole text", (source) => {
  const pattern = new AnchoredPattern(source);
  const oracle = new RegExp(`^(?:${source})$`, "s");
  for (const text of ["a", "b", "ab", "ba", "xa", "", "a\nb", "a"]) {
    expect(pattern.matches(text)).toBe(oracle.test(text));
  }
});

test("an answer that was remembered is the same again", () => {
  const pattern = new AnchoredPattern("[a-c]+");
  expect([pattern.matches("abc"), pattern.matches("abc")]).toEqual([true, true]);
  expect([pattern.matches("abd"), pattern.matches("abd")]).toEqual([false, false]);
});

test.each(["(?P<first>a.*)(-)?(b)?", "(?P<first>[ab]+)(-)?(b)?"])("%s has groups", (source) => {
  const groups = new AnchoredPattern(source).groups("aa");
  expect(groups?.byNumber(0)).toBe("aa");
  expect(groups?.byNumber(1)).toBe("aa");
  expect(groups?.byNumber(2)).toBe("");
  expect(groups?.byNumber(9)).toBe("");
  expect(groups?.byName("first")).toBe("aa");
  expect(groups?.byName("other")).toBe("");
  expect(groups?.byName("toString")).toBe("");
});

test("a text that does not match has no groups", () => {
  expect(new AnchoredPattern("(a).*").groups("b")).toBeUndefined();
  expect(new AnchoredPattern("([ab])").groups("c")).toBeUndefined();
});

test("brackets that only balance around the pattern are refused", () => {
  expect(checkRegex("a)(b")).toBeDefined();
  expect(checkRegex("(")).toBeDefined();
  expect(checkRegex("(a)(b)")).toBeUndefined();
});
