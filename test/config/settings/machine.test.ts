import { isIPv4 } from "node:net";
import { expect, test } from "vitest";
import { thisMachine } from "../../../src/config/settings/machine.ts";

test("asks this machine without needing a network", async () => {
  const address = await thisMachine.address();
  expect(address === undefined || isIPv4(address)).toBe(true);
  expect(thisMachine.hostname()).not.toBe("");
});
