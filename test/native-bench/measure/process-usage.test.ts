import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { processUsage } from "../../../native-bench/measure/process-usage.ts";

test("counts CPU and memory of a process and of what it started", async () => {
  const burn = "const end = Date.now() + 300; while (Date.now() < end);";
  const inner = `${burn} console.log("burnt"); setInterval(() => undefined, 1000);`;
  const outer = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(inner)}], { stdio: ["pipe", "inherit", "inherit"] });`;
  const child = spawn(process.execPath, ["-e", outer], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    await once(child.stdout, "data");
    const usage = await processUsage(child.pid!);
    expect(usage?.cpuSeconds).toBeGreaterThan(0.1);
    expect(usage?.rssBytes).toBeGreaterThan(50 * 2 ** 20);
    expect(usage?.peakRssBytes).toBeGreaterThanOrEqual(usage?.rssBytes ?? 0);
  } finally {
    process.kill(-child.pid!, "SIGKILL");
  }
});

test("a process that is gone has none", async () => {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  expect(await processUsage(child.pid!)).toBeUndefined();
});
