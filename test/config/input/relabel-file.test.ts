import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { loadConfDir } from "../../../src/config/input/conf-dir.ts";
import { ruleAsKeys } from "../../../src/config/input/input-series.ts";
import { formatIssue } from "../../../src/config/language/issue-text.ts";

const dir = mkdtempSync(join(tmpdir(), "promline-relabel-"));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function load(files: Readonly<Record<string, string>>) {
  const { mkdirSync } = await import("node:fs");
  mkdirSync(dir, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(dir, name), text);
  }
  const { inputs, issues } = await loadConfDir(dir, {});
  return {
    inputs: inputs.map(({ input }) => input),
    issues: issues.map((issue) => formatIssue(issue).replaceAll(`${dir}/`, "")),
  };
}

const DROP_IN = '[[inputs.prom]]\nurl = "http://h/metrics"\nrelabel_config_file = "rules.yml"\n';

test("rules of a YAML file come as Prometheus wrote them", async () => {
  const { inputs, issues } = await load({
    "a.conf": DROP_IN,
    "rules.yml": [
      "metric_relabel_configs:",
      "  - source_labels: [__name__, no]",
      "    regex: '1.10|x'",
      "    action: Drop",
      "  - action: labeldrop",
      "    regex:",
      "      - a",
      "      - b",
    ].join("\n"),
  });
  expect(issues).toEqual([]);
  expect(inputs[0]?.series?.relabelFile?.rules).toEqual([
    {
      action: "drop",
      sourceLabels: ["__name__", "no"],
      targetLabel: "",
      modulus: 0,
      regex: "1.10|x",
    },
    { action: "labeldrop", sourceLabels: [], targetLabel: "", modulus: 0, regex: "a|b" },
  ]);
});

test("a wrong rule turns the input off and is shown at its place in the YAML file", async () => {
  const { inputs, issues } = await load({
    "a.conf": DROP_IN,
    "rules.yml": "- target_label: a\n- action: explode\n",
  });
  expect(inputs).toEqual([]);
  expect(issues).toEqual([
    'rules.yml:2:3: unknown relabel action "explode"',
    expect.stringContaining("rules.yml has errors"),
  ]);
});

test("a file that is absent or is no YAML list turns the input off", async () => {
  const absent = await load({ "a.conf": DROP_IN });
  expect(absent.inputs).toEqual([]);
  expect(absent.issues[0]).toContain("rules.yml cannot be read (ENOENT)");
  const broken = await load({ "a.conf": DROP_IN, "rules.yml": "a: [b" });
  expect(broken.inputs).toEqual([]);
  expect(broken.issues[0]).toContain("rules.yml:");
});

test("a wrong rule of a table is an error at that table", async () => {
  const { inputs, issues } = await load({
    "a.conf": [
      "[[inputs.prom]]",
      'url = "http://h/metrics"',
      "[[inputs.prom.metric_relabel_configs]]",
      'target_label = "a"',
      "[[inputs.prom.metric_relabel_configs]]",
      'action = "hashmod"',
    ].join("\n"),
  });
  expect(inputs).toEqual([]);
  expect(issues).toEqual([expect.stringMatching(/^a\.conf:5:.*rule 2: .*non-zero modulus$/)]);
});

test("a file with both lists: rules for samples and for targets; faults of both", async () => {
  const both = [
    "relabel_configs:",
    "- target_label: a",
    "metric_relabel_configs:",
    "- target_label: b",
  ];
  const { inputs } = await load({ "a.conf": DROP_IN, "rules.yml": both.join("\n") });
  const { rules, targetRules } = inputs[0]?.series?.relabelFile ?? {};
  expect(rules?.map(({ targetLabel }) => targetLabel)).toEqual(["b"]);
  expect(targetRules?.map(({ targetLabel }) => targetLabel)).toEqual(["a"]);
  const wrong = "relabel_configs:\n- action: explode\n";
  const { issues } = await load({ "a.conf": DROP_IN, "rules.yml": wrong });
  expect(issues[0]).toBe('rules.yml:2:3: unknown relabel action "explode"');
});

test("target rules of a table", async () => {
  const conf = '[[inputs.prom]]\nurl = "http://h"\n[[inputs.prom.relabel_configs]]\n';
  const { inputs } = await load({ "a.conf": `${conf}target_label = "a"\n` });
  expect(inputs[0]?.series?.targetRelabel).toMatchObject([{ targetLabel: "a" }]);
  const { issues } = await load({ "a.conf": `${conf}action = "explode"\n` });
  expect(issues).toEqual([expect.stringMatching(/^a\.conf:3:.*relabel_configs.*rule 1: /)]);
});

test("what a rule makes a parameter of the URL is masked where the rule is shown", () => {
  const rule = { action: "replace", sourceLabels: [], modulus: 0, replacement: "tkn_1" } as const;
  expect(ruleAsKeys({ ...rule, targetLabel: "__param_token" })["replacement"]).toBe("***");
  expect(ruleAsKeys({ ...rule, targetLabel: "a" })["replacement"]).toBe("tkn_1");
});
