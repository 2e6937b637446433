import { execPath } from "node:process";
import { expect, test } from "vitest";
import { CHECKOUT } from "../support/agent-process.ts";
import { Child } from "../support/child.ts";

test("an outage with a kill or a stop in it costs no more than is promised", async () => {
  const script = new Child(execPath, ["native-bench/outage.ts", "--short"], { cwd: CHECKOUT });
  const { code } = await script.exited;
  process.stdout.write(script.stdout);
  expect(script.stdout).toMatch(/\| promline \| SIGKILL .*\n\| promline \| SIGTERM /);
  expect(code, script.report).toBe(0);
}, 90_000);
