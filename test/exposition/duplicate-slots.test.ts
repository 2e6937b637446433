import { expect, test } from "vitest";
import { parseSampleLine } from "../../src/exposition/parse-sample-line.ts";
import { SampleLine } from "../../src/exposition/sample-line.ts";

/** Parses lines that all have the same labels names, one after the other. */
function faultsOf(names: readonly string[], line = new SampleLine(names.length)) {
  const labels = names.map((name) => `${JSON.stringify(name)}="v"`).join(",");
  const bytes = Buffer.from(`m{${labels}} 1`);
  return parseSampleLine(bytes, 0, bytes.length, "text", line);
}

/** Names of one length that differ in one byte, far from those that choose a slot. */
const ALIKE = Array.from({ length: 250 }, (_, at) => `aaaa${String.fromCharCode(256 + at)}bbbbbbb`);

test("names that meet on a slot are told apart", () => {
  expect(faultsOf(ALIKE)).toBeUndefined();
  expect(faultsOf([...ALIKE, ALIKE[100] as string])).toBe("duplicate_label");
});

test("a name may come again on the next line", () => {
  const line = new SampleLine(4);
  expect([faultsOf(["a", "b"], line), faultsOf(["b", "a"], line)]).toEqual([undefined, undefined]);
  expect(faultsOf(["a", "b", "a"], line)).toBe("duplicate_label");
});

test("hashes are those of the line at hand, also where an earlier line made more", () => {
  const line = new SampleLine(300);
  faultsOf(ALIKE, line);
  expect(line.duplicates.hashed).toBeGreaterThan(200);
  expect(faultsOf(["a", "b"], line)).toBeUndefined();
  const reversed = ALIKE.toReversed();
  expect(faultsOf(reversed, line)).toBeUndefined();
  expect(faultsOf([...ALIKE.slice(1), ALIKE[100] as string], line)).toBe("duplicate_label");
});

test("after four billion lines the stamps begin anew, and no old one is taken for a new", () => {
  const line = new SampleLine(4);
  faultsOf(["a"], line);
  line.duplicates.stamp = 0xffffffff - 1;
  expect(faultsOf(["c"], line)).toBeUndefined();
  expect(line.duplicates.stamp).toBe(0xffffffff);
  expect(faultsOf(["a", "b"], line)).toBeUndefined();
  expect(line.duplicates.stamp).toBe(1);
  expect([...line.duplicates.slots].filter((stamp) => stamp > 1)).toEqual([]);
  expect(faultsOf(["a", "a"], line)).toBe("duplicate_label");
});
