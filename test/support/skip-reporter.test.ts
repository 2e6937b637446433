import { afterEach, expect, test } from "vitest";
import { SkipReporter } from "./skip-reporter.ts";

type Modules = Parameters<SkipReporter["onTestRunEnd"]>[0];

const exitCode = process.exitCode;
afterEach(() => {
  process.exitCode = exitCode;
});

/** One module whose skipped tests have these names and notes. */
function modules(skipped: Readonly<Record<string, string>>): Modules {
  const tests = Object.entries(skipped).map(([fullName, note]) => ({
    fullName,
    result: () => ({ state: "skipped", note }),
  }));
  return [{ children: { allTests: () => tests } }] as unknown as Modules;
}

function report(skipIsFailure: boolean, skipped: Readonly<Record<string, string>>) {
  let printed = "";
  process.exitCode = undefined;
  new SkipReporter(skipIsFailure, (text) => {
    printed += text;
  }).onTestRunEnd(modules(skipped));
  return { printed, exitCode: process.exitCode };
}

test("names what was skipped and why", () => {
  const { printed, exitCode } = report(false, { "scrapes etcd": "etcd is not installed" });
  expect(printed).toContain("Skipped 1:\n  scrapes etcd: etcd is not installed\n");
  expect(exitCode).toBeUndefined();
});

test("a skip fails the run where everything is required", () => {
  expect(report(true, { "scrapes etcd": "etcd is not installed" }).exitCode).toBe(1);
  expect(report(true, {})).toEqual({ printed: "", exitCode: undefined });
});
