import { expect, test } from "vitest";
import { checkPattern } from "../../src/rules/check-pattern.ts";

test.each(["", "up", "^go_.*$", "(?i)a", "\\pL", "a{1,1000}"])("%j compiles", (source) => {
  expect(checkPattern(source)).toBeUndefined();
});

test.each([
  ["go_(", "missing closing"],
  ["(?=x)", "Perl syntax"],
  ["\\1", "escape"],
  ["a{1001}", "repeat"],
])("%j does not", (source, words) => {
  expect(checkPattern(source)).toContain(words);
});
