import { expect, test } from "vitest";
import { braceFault } from "../../src/exposition/label-braces.ts";
import { parseSampleLine } from "../../src/exposition/parse-sample-line.ts";
import { SampleLine } from "../../src/exposition/sample-line.ts";

test("each negative answer has its reason", () => {
  expect([-1, -2, -3, -4, -5, -6].map(braceFault)).toEqual([
    "bad_name",
    "bad_label",
    "bad_escape",
    "duplicate_label",
    "too_many_labels",
    "bad_utf8",
  ]);
});

function faultOf(names: readonly string[]): string | undefined {
  const text = `m{${names.map((name) => `"${name}"="v"`).join(",")}} 1`;
  const bytes = new TextEncoder().encode(text);
  return parseSampleLine(bytes, 0, bytes.length, "text", new SampleLine(256));
}

test.each([
  ["spelled alike", ["aXb", "aYb", "aXb"], "duplicate_label"],
  ["different within", ["aXb", "aYb", "aZb"], undefined],
  ["spelled alike with escapes", ["\\\\n", "x", "\\\\n"], "duplicate_label"],
  ["spelled differently", ["a\\\\b", "x", "a\\b"], "duplicate_label"],
  ["different with escapes", ["a\\\\b", "a\\nb", 'a\\"b'], undefined],
])("names %s", (_, names, fault) => {
  expect(faultOf(names)).toBe(fault);
});

/** Milliseconds of the fastest of five parses. */
function fastest(names: readonly string[]): number {
  const times = Array.from({ length: 5 }, () => {
    const started = performance.now();
    faultOf(names);
    return performance.now() - started;
  });
  return Math.min(...times);
}

test.each(["", "\\\\"])("250 names of 4 KB that differ in the middle only (%j)", (prefix) => {
  const alike = Array.from(
    { length: 250 },
    (_, at) => `${prefix}${"a".repeat(1990)}${at + 1000}${"a".repeat(2000)}`,
  );
  const unlike = alike.map((name, at) => `${prefix}${at + 1000}${name.slice(prefix.length + 4)}`);
  expect(faultOf(alike)).toBeUndefined();
  expect(faultOf([...alike, alike[17] ?? ""])).toBe("duplicate_label");
  // As much work as names that differ at once; compared byte by byte they took fifty times as long.
  expect(fastest(alike) / fastest(unlike)).toBeLessThan(8);
});
