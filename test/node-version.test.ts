import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

test("tests run on the Node the project brings, whatever the system has", () => {
  expect(Number(process.versions.node.split(".")[0])).toBeGreaterThanOrEqual(26);
});

test("so do the programs they start by name", () => {
  const version = execFileSync("node", ["--version"], { encoding: "utf8" });
  expect(version.trim()).toBe(process.version);
});
