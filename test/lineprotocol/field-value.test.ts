import fc from "fast-check";
import { expect, test } from "vitest";
import { floatText, timestampText } from "../../src/lineprotocol/field-value.ts";

test("every finite float64 survives as text bit for bit", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Object.is(Number(floatText(value)), value)).toBe(true);
    }),
  );
});

test.each([
  [1_700_000_000_000, "1700000000000000000"],
  [1_699_999_990_123, "1699999990123000000"],
  [0, "0"],
  [0.5, "500000"],
  [1.25, "1250000"],
  [-1.5, "-1500000"],
  [-2, "-2000000"],
  [9_223_372_036_853, "9223372036853000000"],
])("%d ms are written in nanoseconds", (ms, text) => {
  expect(timestampText(ms)).toBe(text);
});

test.each([9_223_372_036_854, -9_223_372_036_854, Number.NaN, Number.POSITIVE_INFINITY])(
  "%d ms are out of what int64 nanoseconds hold",
  (ms) => {
    expect(timestampText(ms)).toBeUndefined();
  },
);
