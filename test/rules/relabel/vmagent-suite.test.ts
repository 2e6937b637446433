import { expect } from "vitest";
import { parseRelabelYaml, readRelabelYaml } from "../../../src/config/input/relabel-yaml.ts";
import { AnchoredPattern } from "../../../src/rules/relabel/anchored-pattern.ts";
import { expandGraphite, matchGraphite } from "../../../src/rules/relabel/graphite.ts";
import { sanitizeLabelName, sanitizeMetricName } from "../../../src/rules/relabel/label-name.ts";
import { type Label, LabelSet } from "../../../src/rules/relabel/label-set.ts";
import { labelsText, parseLabelsText } from "../../../src/rules/relabel/labels-text.ts";
import { type ReadRule, readRule } from "../../../src/rules/relabel/read-rule.ts";
import { RelabelProgram } from "../../../src/rules/relabel/relabel-program.ts";
import { rulesText, ruleText } from "../../../src/rules/relabel/rule-text.ts";
import { scrapeUrlOf } from "../../../src/rules/relabel/scrape-url.ts";
import { parseSelector, SelectorProgram } from "../../../src/rules/relabel/series-selector.ts";
import { splitReferences } from "../../../src/rules/relabel/template.ts";
import { checkedRule, validateRule } from "../../../src/rules/relabel/validate-rule.ts";
import { corpusTest, suiteCases } from "../../support/corpus.ts";
import { md5Tail } from "./md5-tail.ts";
import { naiveRelabel } from "./naive-relabel.ts";

/** A case of vm_relabel: its id begins with the name of the test it was taken from. */
interface VmagentCase {
  readonly id: string;
  readonly verdict: string;
  readonly args: readonly unknown[];
  readonly [field: string]: unknown;
}

const CHECKS = { flavour: "vmagent", names: "utf8" } as const;
/** By the name of the test: what comes out, and what should. */
const JUDGES: Readonly<Record<string, (one: VmagentCase) => Promise<Judged> | Judged>> = {
  TestParsedRelabelConfigsApply: judgeApply,
  TestParsedRelabelConfigsApplyDebug: judgeDebug,
  TestSanitizeMetricName: (one) => [
    sanitizeMetricName(text(one, "sanitize_metric_name")),
    one["result"],
  ],
  TestSanitizeLabelName: (one) => [
    sanitizeLabelName(text(one, "sanitize_label_name")),
    one["result"],
  ],
  TestLabelsToString: (one) => [labelsText(one["labels"] as readonly Label[]), one["text"]],
  TestFinalizeLabels: (one) => [
    labelsText(finalized(metric(text(one, "input_metric")))),
    one["output_metric"],
  ],
  TestFillLabelReferences: judgeReferences,
  TestRegexMatchStringSuccess: judgeRegex,
  TestRegexMatchStringFailure: judgeRegex,
  TestRegexpMatchStringSuccess: judgeRegex,
  TestRegexpMatchStringFailure: judgeRegex,
  TestParseRelabelConfigsFailure: judgeStructs,
  TestParseRelabelConfigsSuccess: judgeStructs,
  TestParsedConfigsString: judgeConfigText,
  TestRelabelConfigMarshalUnmarshal: async ({ args: [given, wanted] }) => [
    rulesText((await entries(String(given))).map(unchecked)),
    wanted,
  ],
  TestRelabelConfigUnmarshalFailure: async (one) => [await yamlVerdict(one), one.verdict],
  TestLoadRelabelConfigsFailure: async (one) => [await yamlVerdict(one), one.verdict],
  TestParseRelabelConfigsDataFailure: async (one) => [await yamlVerdict(one), one.verdict],
  TestMultiLineRegexUnmarshalMarshal: async ({ args: [given, wanted] }) => {
    const [entry] = await entries(nested("regex", String(given)));
    return [ruleText(unchecked(entry)).replace(/^regex:\s/, ""), wanted];
  },
  TestMultiLineRegexUnmarshalFailure: async (one) => [
    await yamlVerdict(one, nested("regex", String(one.args[0]))),
    one.verdict,
  ],
  TestIsDefaultRegex: ({ args: [regex, wanted] }) => [
    new AnchoredPattern(String(regex)).kind === "any",
    wanted,
  ],
  TestIfExpressionParseFailure: judgeSelector,
  TestIfExpressionParseSuccess: judgeSelector,
  TestIfExpressionUnmarshalFailure: judgeIf,
  TestIfExpressionUnmarshalSuccess: judgeIf,
  TestIfExpressionMatch: judgeIfMatch,
  TestIfExpressionMismatch: judgeIfMatch,
  TestIfExpressionString: async ({ args: [given, wanted] }) => [
    (await conditions(given)).join(","),
    wanted,
  ],
  TestIfExpressionMarshalUnmarshalJSON: ({ args: [given, wanted] }) => [
    parseSelector(String(given)).kind === "selector" && JSON.stringify(given),
    wanted,
  ],
  TestGraphiteTemplateMatchExpand: ({ args: [match, name, template, wanted] }) => {
    const found = matchGraphite(String(match), String(name));
    return [found === undefined ? "" : expandGraphite(String(template), found), wanted];
  },
  TestGraphiteMatchTemplateMatch: ({ args: [template, name, wanted] }) => [
    matchGraphite(String(template), String(name)) ?? null,
    wanted,
  ],
  TestGraphiteReplaceTemplateExpand: ({ args: [template, found, wanted] }) => [
    expandGraphite(String(template), (found as readonly string[] | null) ?? []),
    wanted,
  ],
  TestGetScrapeURL: (one) => {
    const found = scrapeUrlOf(metric(text(one, "input_metric")));
    return [
      [found?.url ?? "", found?.address ?? ""],
      [one["expected_url"], one["expected_address"]],
    ];
  },
};

type Judged = readonly [result: unknown, expected: unknown];

corpusTest("vm_relabel: every case, compiled and naive", async (folder) => {
  const cases = suiteCases(folder, "vm_relabel") as unknown as readonly VmagentCase[];
  const wrong: string[] = [];
  for (const one of cases) {
    const judge = JUDGES[one.id.replace(/#.*/, "")];
    const [result, expected] = judge === undefined ? ["nobody judges this", ""] : await judge(one);
    if (JSON.stringify(result) !== JSON.stringify(expected)) {
      wrong.push(`${one.id}: ${JSON.stringify(result)}, expected ${JSON.stringify(expected)}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(cases.length).toBeGreaterThan(0);
});

function text(one: VmagentCase, field: string): string {
  return String(one[field]);
}

function metric(given: string): readonly Label[] {
  const parsed = parseLabelsText(given);
  if (parsed.kind === "wrong") {
    throw new Error(`${given}: ${parsed.message}`);
  }
  return parsed.labels;
}

function finalized(labels: readonly Label[]): readonly Label[] {
  return labels.filter(([name]) => !name.startsWith("__") || name === "__name__");
}

async function judgeApply(one: VmagentCase): Promise<Judged> {
  const { rules, faults } = await parseRelabelYaml(text(one, "yaml"), CHECKS);
  const input = metric(text(one, "input_metric"));
  const outputs = [
    new RelabelProgram({ flavour: "vmagent", rules }, md5Tail).apply(input),
    naiveRelabel(input, rules, "vmagent"),
  ].map((labels) =>
    labelsText(one["finalize"] === true ? finalized(labels ?? []) : (labels ?? [])),
  );
  const wanted = one.verdict === "drop" ? "{}" : one["output_metric"];
  return [
    [...outputs, faults],
    [wanted, wanted, []],
  ];
}

async function judgeDebug(one: VmagentCase): Promise<Judged> {
  const { rules } = await parseRelabelYaml(text(one, "yaml"), CHECKS);
  const input = metric(text(one, "input_metric"));
  const { traces, labels } = new RelabelProgram({ flavour: "vmagent", rules }, md5Tail).explain(
    input,
  );
  const steps = traces.map(({ rule, before, after }) => ({
    rule: ruleText(rule),
    in: labelsText(before),
    out: labelsText(after ?? []),
  }));
  const last = steps.at(-1)?.out ?? labelsText(input);
  const final = labelsText(labels ?? []);
  return [
    last === final ? steps : [...steps, { rule: "remove empty labels", in: last, out: final }],
    one["debug_steps"],
  ];
}

function judgeReferences(one: VmagentCase): Judged {
  const labels = new Map(metric(text(one, "input_metric")));
  const pieces = splitReferences(text(one, "replacement"));
  const filled = pieces.map((piece, place) =>
    place % 2 === 0 ? piece : (labels.get(piece) ?? ""),
  );
  return [filled.join(""), one["result"]];
}

function judgeRegex(one: VmagentCase): Judged {
  const matches = new AnchoredPattern(text(one, "regex")).matches(text(one, "string"));
  return [matches ? "match" : "no-match", one.verdict];
}

/** Go values of rules, as keys of YAML. */
function keysOf(struct: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const pairs = Object.entries(struct).map(([name, value]) => {
    const key = name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
    return [key, key === "regex" ? (value as { S: string }).S : value];
  });
  return Object.fromEntries(pairs);
}

function judgeStructs(one: VmagentCase): Judged {
  const structs = one.args[0] as readonly Record<string, unknown>[];
  const read = structs.map((struct) => checkedRule(keysOf(struct), CHECKS));
  return [verdictOf(read), one.verdict];
}

function verdictOf(read: readonly ReadRule[]): string {
  return read.some(({ kind }) => kind === "wrong") ? "config-reject" : "config-accept";
}

async function judgeConfigText({ args: [given, wanted] }: VmagentCase): Promise<Judged> {
  const again = (await entries(String(wanted))).map(unchecked);
  const structs = (Array.isArray(given) ? given : [given]) as Record<string, unknown>[];
  // A selector is a variable of the Go test there: its text is known from the YAML only.
  const rules = structs.map((struct, index) => {
    const { if: condition, ...keys } = keysOf(struct);
    return unchecked({ ...keys, ...(condition === undefined ? {} : { if: again[index]?.if }) });
  });
  return [
    [rulesText(rules), rulesText(again), rules.map((rule) => validateRule(rule, CHECKS))],
    [wanted, wanted, rules.map(() => undefined)],
  ];
}

async function entries(yaml: string): Promise<readonly unknown[]> {
  const values = await readRelabelYaml(yaml);
  return values.kind === "list" ? values.entries.map(({ raw }) => raw) : [values.message];
}

function unchecked(raw: unknown) {
  const read = readRule(raw);
  if (read.kind === "wrong") {
    throw new Error(read.message);
  }
  return read.rule;
}

function nested(key: string, yaml: string): string {
  return `- ${key}:\n    ${yaml.replaceAll("\n", "\n    ")}`;
}

async function yamlVerdict(
  one: VmagentCase,
  yaml = String(one["yaml"] ?? one.args?.[0]),
): Promise<string> {
  return verdictOf((await entries(yaml)).map(readRule));
}

function judgeSelector(one: VmagentCase): Judged {
  const { kind } = parseSelector(String(one.args[0]));
  return [kind === "selector" ? "config-accept" : "config-reject", one.verdict];
}

async function judgeIf(one: VmagentCase): Promise<Judged> {
  const read = (await entries(nested("if", String(one.args[0])))).map((raw) =>
    checkedRule({ target_label: "x", ...(raw as object) }, CHECKS),
  );
  return [verdictOf(read), one.verdict];
}

async function conditions(yaml: unknown): Promise<readonly string[]> {
  const [entry] = await entries(nested("if", String(yaml)));
  return unchecked(entry).if ?? [];
}

async function judgeIfMatch(one: VmagentCase): Promise<Judged> {
  const [condition, labels] = one.args;
  const program = new SelectorProgram(await conditions(condition));
  const matches = program.matches(new LabelSet(metric(String(labels)), "vmagent"));
  return [matches ? "match" : "no-match", one.verdict];
}
