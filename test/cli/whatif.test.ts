import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { whatifCommand } from "../../src/cli/whatif.ts";
import { parsePromInputs } from "../../src/config/input/parse-prom-inputs.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";
import { page, TargetServer } from "../support/targets.ts";

const PAGE = [
  "# TYPE http_requests_total counter",
  'http_requests_total{code="200"} 1',
  'http_requests_total{code="500"} 2',
  "go_goroutines 3",
  "",
].join("\n");

async function run(...args: string[]) {
  const texts = { stdout: "", stderr: "" };
  const code = await whatifCommand(args, {
    stdout: (text) => {
      texts.stdout += text;
    },
    stderr: (text) => {
      texts.stderr += text;
    },
    slow: () => undefined,
  });
  return { code, ...texts };
}

function file(text: string): string {
  const path = join(scratchDirectory("whatif"), "page.txt");
  writeFileSync(path, text);
  return path;
}

test("kept and dropped series and bytes, by name, and the TOML for it", async () => {
  const { code, stdout } = await run("--filter", "^http_", "--filter", 'a"\\d', file(PAGE));
  expect(code).toBe(0);
  expect(stdout).toContain(
    "page     3 series, 84 bytes (100.0 % of the series, 100.0 % of the bytes)",
  );
  expect(stdout).toContain(
    "kept     2 series, 68 bytes (66.7 % of the series, 81.0 % of the bytes)",
  );
  expect(stdout).toContain("dropped  1 series, 16 bytes");
  expect(stdout).toContain("3 -> 2 points");
  expect(stdout).toMatch(/1 series +16 bytes {2}go_goroutines {2}by metric_name_filter\n/);
  const toml = stdout.split("table:\n\n")[1] ?? "";
  const pasted = parsePromInputs(`[[inputs.prom]]\nurl = "http://h"\n${toml}`, {
    file: "a",
    expandEnvironment: false,
    allowSingleTable: true,
  });
  expect(pasted.inputs[0]?.input.rules.metricNameFilter).toEqual(["^http_", 'a"\\d']);
});

test("of a live page, with all three kinds of filters", async () => {
  const targets = await TargetServer.start({ "/metrics": page(PAGE) });
  const args = ["--type", "counter", "--ignore", "nothing", targets.url("/metrics")];
  const { code, stdout } = await run(...args);
  expect(code).toBe(0);
  expect(stdout).toContain("by metric_types");
  expect(stdout).toMatch(/metric_types = \["counter"\]\nmetric_name_filter_ignore = \["nothing"\]/);
  expect(targets.hits("/metrics")).toHaveLength(1);
});

test("what is wrong is said, with the exit code for it", async () => {
  expect(await run(file(PAGE))).toMatchObject({ code: 2, stdout: "" });
  const bad = await run("--filter", "a(", file(PAGE));
  expect(bad.code).toBe(2);
  expect(bad.stderr).toContain("metric_name_filter");
  expect(await run("--filter", "a", "/none/such")).toMatchObject({ code: 1 });
  expect(await run("--filter", "a", file("# nothing\n"))).toMatchObject({
    code: 1,
    stderr: "promline: the page has no sample\n",
  });
  expect((await run("--filter", "a", "http://127.0.0.1:1/m")).code).toBe(1);
});

test("what is sent is what the rules of promline.toml leave", async () => {
  const config = join(scratchDirectory("whatif-config"), "promline.toml");
  writeFileSync(
    config,
    'metric_relabel_configs = [{ action = "drop", source_labels = ["code"], regex = "500" }]\n',
  );
  const { code, stdout } = await run("--filter", "^http_", "--config", config, file(PAGE));
  expect(code).toBe(0);
  expect(stdout).toContain("2 -> 1 points");
  expect(await run("--filter", "^http_", "--config", "/nowhere", file(PAGE))).toMatchObject({
    code: 2,
    stdout: "",
  });
});
