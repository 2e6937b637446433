// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables in braces are what is tested
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  expandVariables,
  isExpanded,
  originalOffset,
  unsetVariables,
} from "../../../src/config/language/expansion.ts";

const ENVIRONMENT = { A: "1", LONG: "x".repeat(20), QUOTED: '"\\', LINES: "a\nb\r", EMPTY: "" };

test.each([
  ["$A", "1"],
  ["${A}", "1"],
  ["$AB", "$AB"],
  ["$A-${A}$A", "1-11"],
  ["$1 $ $$A ${A", "$1 $ $1 ${A"],
  ["[$EMPTY]", "[]"],
  ["$QUOTED", '\\"\\\\'],
  ["$LINES", "a\\nb\\r"],
  ["$toString ${__proto__}", "$toString ${__proto__}"],
])("%j becomes %j", (text, expanded) => {
  expect(expandVariables(text, ENVIRONMENT).text).toBe(expanded);
});

test("every character that was not replaced is traced back to itself", () => {
  const part = fc.constantFrom("$A", "${LONG}", "$EMPTY", "é", "y", " ", "$NONE");
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const original = parts.join(" ");
      const expanded = expandVariables(original, ENVIRONMENT);
      for (let offset = 0; offset < expanded.text.length; offset++) {
        const back = originalOffset(expanded, offset);
        const expected = isExpanded(expanded, offset, offset + 1) ? "$" : expanded.text[offset];
        expect(original[back]).toBe(expected);
      }
      expect(originalOffset(expanded, expanded.text.length)).toBe(original.length);
    }),
  );
});

test("unsetVariables names those that stay", () => {
  expect(unsetVariables("$A ${B} $C", ENVIRONMENT)).toEqual(["B", "C"]);
});
