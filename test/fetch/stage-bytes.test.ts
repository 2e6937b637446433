import { expect, test } from "vitest";
import { StageBytes } from "../../src/fetch/stage-bytes.ts";
import { KIB, MIB } from "../../src/units.ts";

const LIMITS = { bodyBytes: 8 * MIB, decompressionRatio: 500 };

/** Each number is bytes taken, then bytes given, in turn; the reason of the first fault. */
function reasonOf(...steps: readonly number[]): string | undefined {
  const bytes = new StageBytes(LIMITS);
  const faults = steps.map((count, at) => (at % 2 === 0 ? bytes.take(count) : bytes.give(count)));
  return faults.find((one) => one !== undefined)?.reason;
}

test("a MiB may be taken before anything comes out, and twice the text after that", () => {
  expect(reasonOf(MIB, 0, 1)).toBeUndefined();
  expect(reasonOf(MIB + 1, 0, 1)).toBe("decompression_ratio");
  expect(reasonOf(MIB, MIB, 2 * MIB, 0, 1)).toBeUndefined();
  expect(reasonOf(MIB, MIB, 2 * MIB + 1, 0, 1)).toBe("decompression_ratio");
});

test("one large read is judged once it could have become text", () => {
  expect(reasonOf(5 * MIB, 6 * MIB, 1)).toBeUndefined();
});

test("text is held to the body's limit and to the ratio, which counts from a MiB on", () => {
  expect(reasonOf(MIB, 8 * MIB)).toBeUndefined();
  expect(reasonOf(MIB, 8 * MIB + 1)).toBe("body_limit");
  expect(reasonOf(KIB, MIB)).toBeUndefined();
  expect(reasonOf(KIB, MIB + 1)).toBe("decompression_ratio");
});
