import { expect } from "vitest";
import { readRelabelYaml } from "../../../src/config/input/relabel-yaml.ts";
import { isLegacyLabelTemplate } from "../../../src/rules/relabel/label-name.ts";
import type { Label } from "../../../src/rules/relabel/label-set.ts";
import { readRule } from "../../../src/rules/relabel/read-rule.ts";
import { RelabelProgram } from "../../../src/rules/relabel/relabel-program.ts";
import type { RelabelRule } from "../../../src/rules/relabel/relabel-rule.ts";
import { checkedRule } from "../../../src/rules/relabel/validate-rule.ts";
import { corpusTest, suiteCases } from "../../support/corpus.ts";
import { md5Tail } from "./md5-tail.ts";
import { naiveRelabel } from "./naive-relabel.ts";

/** A case of prometheus_relabel: which fields there are says what it is about. */
interface PrometheusCase {
  readonly id: string;
  readonly verdict: string;
  readonly input_labels?: readonly Label[];
  readonly output_labels?: readonly Label[];
  readonly relabel_configs?: readonly (Record<string, unknown> & { name_validation?: string })[];
  readonly error_contains?: string | null;
  readonly target_label?: string;
  readonly yaml?: string;
}

corpusTest("prometheus_relabel: every case, compiled and naive", async (folder) => {
  const cases = suiteCases(folder, "prometheus_relabel") as unknown as readonly PrometheusCase[];
  const wrong: string[] = [];
  for (const one of cases) {
    const trouble = await judge(one);
    if (trouble !== undefined) {
      wrong.push(`${one.id}: ${trouble}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(cases.length).toBeGreaterThan(0);
});

async function judge(one: PrometheusCase): Promise<string | undefined> {
  switch (one.verdict) {
    case "keep":
    case "drop":
    case "workload":
      return judgeLabels(one, await rulesOf(one));
    case "config-accept":
    case "config-reject":
      return judgeConfig(one);
    default:
      return `nobody judges ${one.verdict}`;
  }
}

async function rulesOf(one: PrometheusCase): Promise<readonly RelabelRule[]> {
  const raw = one.relabel_configs ?? (await yamlEntries(one.yaml ?? ""));
  return raw.map((fields) => {
    const read = readRule(fields);
    if (read.kind === "wrong") {
      throw new Error(`${one.id}: ${read.message}`);
    }
    return read.rule;
  });
}

async function yamlEntries(text: string): Promise<readonly unknown[]> {
  const isList = text.trimStart().startsWith("-");
  const values = await readRelabelYaml(isList ? text : `- ${text.replaceAll("\n", "\n  ")}`);
  return values.kind === "list" ? values.entries.map(({ raw }) => raw) : [values.message];
}

function judgeLabels(one: PrometheusCase, rules: readonly RelabelRule[]): string | undefined {
  const labels = one.input_labels ?? [];
  const compiled = new RelabelProgram({ flavour: "prometheus", rules }, md5Tail).apply(labels);
  const naive = naiveRelabel(labels, rules, "prometheus");
  if (shown(compiled) !== shown(naive)) {
    return `compiled ${shown(compiled)}, naive ${shown(naive)}`;
  }
  const expected = one.verdict === "drop" ? undefined : one.output_labels;
  return one.verdict === "workload" || shown(compiled) === shown(expected)
    ? undefined
    : `${shown(compiled)}, expected ${shown(expected)}`;
}

/** No label is no series: both are shown alike. */
function shown(labels: readonly Label[] | undefined): string {
  return JSON.stringify([...(labels ?? [])].sort(([left], [right]) => (left < right ? -1 : 1)));
}

async function judgeConfig(one: PrometheusCase): Promise<string | undefined> {
  const wanted = one.verdict === "config-accept";
  if (one.target_label !== undefined) {
    return isLegacyLabelTemplate(one.target_label) === wanted ? undefined : "judged otherwise";
  }
  const fields = one.relabel_configs ?? (await yamlEntries(one.yaml ?? ""));
  const messages = fields.flatMap((raw) => {
    const { name_validation: names, ...keys } = raw as Record<string, unknown>;
    // The suite's rules are Go values: an action that is not given is no default there.
    const rule = one.yaml === undefined ? { action: "", ...keys } : keys;
    const scheme = names === "legacy" ? "legacy" : "utf8";
    const read = checkedRule(rule, { flavour: "prometheus", names: scheme });
    return read.kind === "wrong" ? [read.message] : [];
  });
  if (wanted || messages.length === 0) {
    return wanted === (messages.length === 0) ? undefined : `messages: ${messages.join("; ")}`;
  }
  const said = messages.join("; ");
  return said.includes(one.error_contains ?? "") ? undefined : `it says ${said}`;
}
