import { expect, test } from "vitest";
import { goFloat } from "../../src/rules/go-float.ts";

test.each([
  [1, "1"],
  [100_000, "100000"],
  [999_999, "999999"],
  [1_000_000, "1e+06"],
  [1_048_576, "1.048576e+06"],
  [2.5e6, "2.5e+06"],
  [12_345_678.5, "1.23456785e+07"],
  [0.0001, "0.0001"],
  [0.00001, "1e-05"],
  [1e-100, "1e-100"],
  [1e22, "1e+22"],
  [-0.5, "-0.5"],
  [0, "0"],
  [-0, "-0"],
  [Number.POSITIVE_INFINITY, "+Inf"],
  [Number.NEGATIVE_INFINITY, "-Inf"],
  [Number.NaN, "NaN"],
])("%d is printed as Go prints it", (value, text) => {
  expect(goFloat(value)).toBe(text);
});
