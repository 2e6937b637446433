import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { relabelCommand } from "../../src/cli/relabel.ts";

const dir = mkdtempSync(join(tmpdir(), "promline-relabel-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

async function run(...args: string[]) {
  let stdout = "";
  let stderr = "";
  const code = await relabelCommand(args, {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    slow: () => undefined,
  });
  return {
    code,
    stdout: stdout.replaceAll(`${dir}/`, ""),
    stderr: stderr.replaceAll(`${dir}/`, ""),
  };
}

const RULES = [
  "- action: drop",
  "  source_labels: [__name__]",
  "  regex: go_.*",
  "- source_labels: [job]",
  "  target_label: service",
].join("\n");

test("one series: each rule, what it saw, what it made", async () => {
  const { code, stdout } = await run(file("r.yml", RULES), "--labels", 'up{job="a"}');
  expect(code).toBe(0);
  expect(stdout).toContain('saw "up" in up{job="a"}\n  => unchanged');
  expect(stdout).toContain('saw "a" in up{job="a"}\n  => up{job="a",service="a"}');
  expect(stdout).toContain('series: 1, kept: 1, dropped: 0\nup{job="a",service="a"}\n');
});

test("a page: how many series each rule changed and dropped", async () => {
  const page = file("page.txt", '# TYPE go_x gauge\ngo_x 1\n\nup{job="a"} 1\nbroken{\n');
  const { stdout } = await run(file("r.yml", RULES), "--exposition", page);
  expect(stdout).toContain(
    'reached by 2, changed 0, dropped 1\n  saw "go_x" in go_x\n  => dropped',
  );
  expect(stdout).toContain("reached by 1, changed 1, dropped 0");
  expect(stdout).toContain("series: 2, kept: 1, dropped: 1");
});

test("the rules of a drop-in, those of its file behind its own", async () => {
  file("more.yml", "- target_label: b\n  replacement: '{{a}}2'\n");
  const conf = file(
    "x.conf",
    '[[inputs.prom]]\nurl = "http://h"\nrelabel_config_file = "more.yml"\nmetric_relabel_configs = [{ target_label = "a", replacement = "1" }]\n',
  );
  const { code, stdout } = await run(conf, "--labels", "up");
  expect(code).toBe(0);
  expect(stdout).toContain("# x.conf:1\n");
  expect(stdout).toContain('\nup{a="1",b="12"}\n');
});

test("what is wrong is said, with the exit code for it", async () => {
  const bad = await run(file("bad.yml", "- action: explode\n"), "--labels", "up");
  expect(bad).toMatchObject({ code: 2, stdout: "" });
  expect(bad.stderr).toContain("bad.yml:1:3: unknown relabel action");
  const rules = file("r.yml", RULES);
  expect((await run(rules)).code).toBe(2);
  expect((await run(rules, "--labels", "up{a=}")).stderr).toContain("cannot be read at");
  expect((await run(rules, "--labels", "up", "--flavour", "x")).code).toBe(2);
  expect((await run(rules, "--exposition", join(dir, "none"))).code).toBe(1);
  expect((await run(join(dir, "none.yml"), "--labels", "up")).stderr).toContain("ENOENT");
});

test("labels with an address are a target, and relabel_configs work on them", async () => {
  const yaml =
    "relabel_configs:\n- target_label: team\n  replacement: a\nmetric_relabel_configs:\n- action: drop\n";
  const target = '{__address__="h:1"}';
  const { stdout } = await run(file("both.yml", yaml), "--labels", target);
  expect(stdout).toContain('\n{__address__="h:1",team="a"}\n');
  const toml = '[[inputs.prom]]\nurl = "http://h"\nrelabel_configs = [{ action = "drop" }]\n';
  expect((await run(file("t.conf", toml), "--labels", target)).stdout).toContain("kept: 0");
  expect((await run(file("t.conf", toml), "--labels", "up")).stdout).toContain("kept: 1");
});

test("rules of promline.toml for all inputs come behind, and can be tried alone", async () => {
  const config = file(
    "promline.toml",
    [
      'metric_relabel_configs = [{ target_label = "all", replacement = "{{service}}!" }]',
      'relabel_configs = [{ target_label = "__address__", replacement = "h:1" }]',
    ].join("\n"),
  );
  const both = await run(file("r.yml", RULES), "--config", config, "--labels", 'up{job="a"}');
  expect(both.stdout).toContain('\nup{all="a!",job="a",service="a"}\n');
  const conf = file("g.conf", '[[inputs.prom]]\nurl = "http://h"\n');
  const dropIn = await run(conf, "--config", config, "--labels", "up");
  expect(dropIn.stdout).toContain('\nup{all="!"}\n');
  const alone = await run("--config", config, "--labels", '{__address__="a:1"}');
  expect(alone.stdout).toContain("# promline.toml\nrule 1");
  expect(alone.stdout).toContain('\n{__address__="h:1"}\n');
  expect(await run("--labels", "up")).toMatchObject({ code: 2, stdout: "" });
});

test("a wrong promline.toml is said, with the exit code for it", async () => {
  const config = file("bad.toml", 'relabel_configs = [{ action = "explode" }]\n');
  const { code, stderr } = await run("--config", config, "--labels", "up");
  expect(code).toBe(2);
  expect(stderr).toContain("bad.toml:1:");
});
