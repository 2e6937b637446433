import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type NumberKind,
  numberKind,
  numberOf,
  smallInteger,
} from "../../src/exposition/number-text.ts";

function kindOf(text: string): NumberKind | undefined {
  const bytes = new TextEncoder().encode(`x${text}y`);
  return numberKind(bytes, 1, bytes.length - 1);
}

test.each([
  ["0", "plain"],
  ["-0", "plain"],
  ["12.50", "plain"],
  ["1e5", "plain"],
  ["1.5E+06", "plain"],
  ["-3e-3", "plain"],
  ["08", "plain"],
  ["1e308", "plain"],
  ["1e-400", "plain"],
  ["1e0000000000000001", "plain"],
  ["99999999999999999999999999999999", "plain"],
  ["999999999999999999999999999999999", "number"],
  ["+5", "number"],
  [".5", "number"],
  ["5.", "number"],
  ["5.e3", "number"],
  ["-.5e-1", "number"],
  [`${"0".repeat(400)}1`, "number"],
  ["nan", "nan"],
  ["NaN", "nan"],
  ["-nan", "nan"],
  ["Inf", "+inf"],
  ["+Inf", "+inf"],
  ["-INF", "-inf"],
  ["infinity", "+inf"],
  ["-Infinity", "-inf"],
] as const)("%s is %s", (text, kind) => {
  expect(kindOf(text)).toBe(kind);
});

test.each([
  "",
  "-",
  "+",
  ".",
  "-.",
  ".e5",
  "1e",
  "1e+",
  "e5",
  "1.2.3",
  "1x",
  "1_2",
  "0x10",
  "0x1p-3",
  "0b1",
  "true",
  "1e999",
  "-1e999",
  "9".repeat(400),
  "in",
  "infi",
  "infinite",
  "nanx",
  "nab",
  "--1",
  "1-",
  "1e5 ",
])("%j is no number", (text) => {
  expect(kindOf(text)).toBeUndefined();
});

test("every finite float64 as JavaScript writes it is a number with these bits", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = String(value);
      const bytes = new TextEncoder().encode(text);
      expect(numberKind(bytes, 0, bytes.length)).toBe("plain");
      expect(numberOf(bytes, 0, bytes.length)).toBe(value === 0 ? 0 : value);
    }),
  );
});

test.each([
  ["0", 0],
  ["007", 7],
  ["-12", -12],
  ["999999999999999", 999_999_999_999_999],
  ["1000000000000000", undefined],
  ["", undefined],
  ["-", undefined],
  ["1.5", undefined],
  ["+1", undefined],
  ["1a", undefined],
])("small integer %j", (text, value) => {
  const bytes = new TextEncoder().encode(text);
  expect(smallInteger(bytes, 0, bytes.length)).toBe(value);
});
