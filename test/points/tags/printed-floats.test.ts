import { expect, test } from "vitest";
import { printedFloat } from "../../../src/points/tags/printed-floats.ts";

function printed(text: string, escaped = false): string {
  const bytes = new TextEncoder().encode(`x${text}y`);
  return new TextDecoder().decode(printedFloat(bytes, 1, bytes.length - 1, escaped));
}

test.each([
  ["0.50", "0.5"],
  ["1.0", "1"],
  ["+Inf", "+Inf"],
  ["infinity", "+Inf"],
  ["-inf", "-Inf"],
  ["nan", "NaN"],
  ["1000000", "1e+06"],
  ["a b", "a\\ b"],
  ["", ""],
  [`${"0".repeat(40)}1.50`, "1.5"],
])("%s is printed as %s, the first time and the second", (text, expected) => {
  expect([printed(text), printed(text)]).toEqual([expected, expected]);
});

test("an escape is resolved first", () => {
  expect(printed("a\\\\b", true)).toBe("a\\b");
  expect(printed("a\\\\b")).toBe("a\\\\b");
});
