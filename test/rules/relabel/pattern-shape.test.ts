import { expect, test } from "vitest";
import { matchesForm, textForms } from "../../../src/rules/relabel/pattern-shape.ts";

/** Forms as text: `foo` exact, `foo+0` a prefix, `1+foo` a suffix, `0+foo+1` inside. */
function forms(pattern: string): readonly string[] | undefined {
  return textForms(pattern)?.map(({ text, before, after }) =>
    [before, text, after].filter((part) => part !== undefined).join("+"),
  );
}

function matches(pattern: string, text: string): boolean | undefined {
  return textForms(pattern)?.some((form) => matchesForm(form, text));
}

test.each([
  ["foo", ["foo"]],
  ["foo.*", ["foo+0"]],
  [".+foo", ["1+foo"]],
  [".*foo.+", ["0+foo+1"]],
  [".*", ["0++0"]],
  [".*.+", ["1++0"]],
  ["", [""]],
  ["a|b|", ["a", "b", ""]],
  ["a(b|c)d", ["abd", "acd"]],
  ["(?:a|b)(?P<n>c)", ["ac", "bc"]],
  ["^foo$", ["foo"]],
  ["^(foo)$", ["foo"]],
  [String.raw`a\.b`, ["a.b"]],
  ["foo.*?", ["foo+0"]],
])("%j is what can be compared", (pattern, expected) => {
  expect(forms(pattern)).toEqual(expected);
});

test.each([
  "a.b",
  "a[bc]",
  "ab?",
  "(ab)+",
  "a{2}",
  String.raw`\d+`,
  "a^b",
  "a$b",
  "(a",
  "a)",
  ".+.+",
  "a.*b",
  "(?i)a",
])("%j needs a regular expression", (pattern) => {
  expect(forms(pattern)).toBeUndefined();
});

test("more than 256 alternatives are left to the regular expression", () => {
  const letters = "(a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p)";
  expect(forms(letters + letters)).toHaveLength(256);
  expect(forms(`${letters}${letters}(x|y)`)).toBeUndefined();
  expect(forms(`${letters}${letters}|z`)).toBeUndefined();
});

test.each([
  ["foo", "foo", true],
  ["foo", "foox", false],
  ["foo.*", "foo", true],
  ["foo.+", "foo", false],
  ["foo.+", "foox", true],
  [".*foo", "xfoo", true],
  [".+foo", "foo", false],
  [".+foo", "foofoo", true],
  [".*foo.*", "xfoox", true],
  [".+foo.*", "foo", false],
  [".+foo.+", "xfoox", true],
  [".*foo.+", "xfoo", false],
  [".+.*", "", false],
  [".*", "", true],
  ["a|b.*", "bc", true],
])("%j and %j: %s", (pattern, text, expected) => {
  expect(matches(pattern, text)).toBe(expected);
  expect(new RegExp(`^(?:${pattern})$`, "s").test(text)).toBe(expected);
});
