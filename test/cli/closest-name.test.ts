import { expect, test } from "vitest";
import { closestName } from "../../src/cli/closest-name.ts";

test.each([
  ["rnu", "run"],
  ["chekc", "check"],
  ["versoin", "version"],
  ["run", "run"],
  ["x", undefined],
  ["", undefined],
  ["completely-else", undefined],
])("%s is near to %s", (typed, meant) => {
  expect(closestName(typed, ["run", "once", "check", "version"])).toBe(meant);
});
