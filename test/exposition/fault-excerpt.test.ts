import fc from "fast-check";
import { expect, test } from "vitest";
import { faultExcerpt } from "../../src/exposition/fault-excerpt.ts";

function excerptOf(line: string): string {
  const bytes = new TextEncoder().encode(`"${line}"`);
  return faultExcerpt(bytes, 1, bytes.length - 1);
}

test.each([
  ["a b 1", "a b 1"],
  ['up{token="s3cret"} x', 'up{token="***"} x'],
  ['a{b="c\\"secret",d="e"}', 'a{b="***",d="***"}'],
  ['a{b="never closed', 'a{b="***'],
  ['a{b="open escape\\', 'a{b="***'],
  ["tab\there\r\u0007", "tab\\x09here\\x0d\\x07"],
  ["é", "\\xc3\\xa9"],
])("%j is shown as %j", (line, shown) => {
  expect(excerptOf(line)).toBe(shown);
});

test("a long line is cut at 120 characters with an ellipsis", () => {
  expect(excerptOf("x".repeat(119))).toBe("x".repeat(119));
  expect(excerptOf("x".repeat(200))).toBe(`${"x".repeat(119)}…`);
});

test("any bytes: short, printable, and nothing of what stands in quotes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const shown = faultExcerpt(bytes, 0, bytes.length);
      expect(shown.length).toBeLessThanOrEqual(120);
      expect(shown).toMatch(/^[\x20-\x7e]*…?$/);
      expect(shown.replaceAll(/"\*\*\*"?/g, "")).not.toContain('"');
    }),
  );
});
