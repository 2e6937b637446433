import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "../../../src/config/language/duration.ts";

test.each([
  ["30s", 30_000],
  ["1m30s", 90_000],
  ["1.5h", 5_400_000],
  [".5s", 500],
  ["1.s", 1000],
  ["100ms", 100],
  ["2us", 0.002],
  ["2\u00b5s", 0.002],
  ["2\u03bcs", 0.002],
  ["1000000ns", 1],
  ["-1m", -60_000],
  ["+1m", 60_000],
  ["0", 0],
  ["-0", -0],
  ["0s", 0],
  ["1h1h", 7_200_000],
  ["2562047h", 2_562_047 * 3_600_000],
])("%s is %d ms", (text, ms) => {
  expect(parseDuration(text)).toBeCloseTo(ms, 9);
});

test.each([
  "",
  "30",
  "s",
  ".s",
  "1 s",
  "1d",
  "1s ",
  "--1s",
  "1sm",
  "2562048h",
  "1e3s",
  `${"9".repeat(400)}h`,
])("%j is none", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([
  [0, "0s"],
  [90_000, "1m30s"],
  [3_600_000, "1h"],
  [1500, "1500ms"],
  [0.00006, "60ns"],
  [-5000, "-5s"],
])("%d ms is written %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test("what is written is read back", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBeCloseTo(ms, 3);
    }),
  );
});

test("what is almost a duration is refused in linear time", { timeout: 2000 }, () => {
  expect(parseDuration("1".repeat(200_000))).toBeUndefined();
});
