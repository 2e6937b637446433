import { expect, test } from "vitest";
import { readLineProtocol } from "./line-protocol.ts";
import { comparePoints, lastOfEach } from "./point-comparison.ts";

function compare(actual: string, expected: string, by?: "points" | "samples") {
  const { missing, unexpected } = comparePoints(
    readLineProtocol(actual),
    readLineProtocol(expected),
    by,
  );
  return { missing: missing.length, unexpected: unexpected.length };
}

const SAME = { missing: 0, unexpected: 0 };

test("order of lines, tags and fields and the spelling of numbers do not count", () => {
  expect(compare("m,a=1,b=2 x=1e3,y=2 5\nn z=1 5", "n z=1.0 5\nm,b=2,a=1 y=2,x=1000 5")).toEqual(
    SAME,
  );
});

test.each([
  ["m x=0 5", "m x=-0 5"],
  ["m x=0.1 5", "m x=0.10000000000000002 5"],
  ["m x=1 5", "m x=1i 5"],
  ["m x=1 5", "m x=1 6"],
  ["m x=1 5", "m,a=b x=1 5"],
  ["m x=1 5", "n x=1 5"],
])("%j differs from %j", (actual, expected) => {
  expect(compare(actual, expected)).toEqual({ missing: 1, unexpected: 1 });
});

test("a line too many or too few", () => {
  expect(compare("m x=1 5\nm x=1 5", "m x=1 5")).toEqual({ missing: 0, unexpected: 1 });
  expect(compare("", "m x=1 5")).toEqual({ missing: 1, unexpected: 0 });
});

test("two fields in one line equal two lines only by samples", () => {
  expect(compare("m x=1,y=2 5", "m x=1 5\nm y=2 5", "points")).toEqual({
    missing: 2,
    unexpected: 1,
  });
  expect(compare("m x=1,y=2 5", "m x=1 5\nm y=2 5", "samples")).toEqual(SAME);
});

test("the last of repeated samples stays", () => {
  const kept = lastOfEach(readLineProtocol("m x=1,y=1 5\nm x=2 5\nm x=3 6"));
  expect(comparePoints(kept, readLineProtocol("m x=2 5\nm y=1 5\nm x=3 6"))).toEqual({
    missing: [],
    unexpected: [],
  });
});
