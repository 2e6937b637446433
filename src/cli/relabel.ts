import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { parseSeries, readPageSeries } from "../agent/commands/given-series.ts";
import {
  type RelabelReport,
  type RuleReport,
  reportRelabeling,
} from "../agent/commands/relabel-report.ts";
import { relabelSources } from "../agent/commands/relabel-sources.ts";
import { processEnvironment } from "../config/language/environment.ts";
import { formatIssue } from "../config/language/issue-text.ts";
import { type CliIo, EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "./cli-io.ts";
import { relabelOptions } from "./command-options.ts";

/** Series printed of a page. */
const MAX_SHOWN = 20;

/**
 * `promline relabel`: what each rule of a file does to one series or target, or to a page. Resolves to the exit code: 2 where the
 * file has an error, 1 where the page cannot be read.
 */
export async function relabelCommand(args: readonly string[], io: CliIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: relabelOptions,
    allowPositionals: true,
  });
  const { labels, exposition, flavour = "prometheus", config } = values;
  if (flavour !== "prometheus" && flavour !== "vmagent") {
    io.stderr(`promline: --flavour ${flavour}: wanted prometheus or vmagent\n`);
    return EXIT_USAGE;
  }
  if ((labels === undefined) === (exposition === undefined)) {
    io.stderr("promline: wanted --labels '{…}' or --exposition PAGE, one of the two\n");
    return EXIT_USAGE;
  }
  const [file] = positionals;
  if (file === undefined && config === undefined) {
    io.stderr("promline: wanted FILE, --config FILE, or both\n");
    return EXIT_USAGE;
  }
  const { sources, issues } = await relabelSources(file, flavour, config, processEnvironment());
  for (const issue of issues) {
    io.stderr(`${formatIssue(issue)}\n`);
  }
  if (issues.some(({ severity }) => severity === "error")) {
    return EXIT_USAGE;
  }
  const given = labels === undefined ? await pageSeries(exposition as string) : parseSeries(labels);
  if (given.kind === "wrong") {
    io.stderr(`promline: ${given.message}\n`);
    return labels === undefined ? EXIT_FAILED : EXIT_USAGE;
  }
  // Only targets have an address.
  const isTarget = given.series[0]?.some(([label]) => label === "__address__") ?? false;
  for (const { name, configs, targetConfigs } of sources) {
    const chosen = isTarget ? targetConfigs : configs;
    const report = reportRelabeling(chosen, given.series, MAX_SHOWN);
    io.stdout(`# ${name}\n${reportText(report)}`);
  }
  return EXIT_OK;
}

async function pageSeries(path: string) {
  try {
    const page = path === "-" ? Buffer.from(await text(process.stdin)) : await readFile(path);
    return readPageSeries(page);
  } catch (error) {
    const trouble = error instanceof Error ? error.message : String(error);
    return { kind: "wrong" as const, message: `--exposition ${path}: ${trouble}` };
  }
}

function reportText({ series, kept, rules, output }: RelabelReport): string {
  const lines = rules.flatMap((rule, index) => [
    `rule ${index + 1}`,
    ...rule.rule
      .trimEnd()
      .split("\n")
      .map((line) => `    ${line}`),
    `  ${effectOf(rule)}`,
    ...exampleOf(rule),
  ]);
  const more = kept > output.length ? [`… and ${kept - output.length} more`] : [];
  return [
    ...lines,
    `series: ${series}, kept: ${kept}, dropped: ${series - kept}`,
    ...output,
    ...more,
    "",
  ].join("\n");
}

function effectOf({ reached, applied, changed, dropped }: RuleReport): string {
  const passed = reached - applied;
  const condition = passed > 0 ? `, if did not match ${passed}` : "";
  return `reached by ${reached}${condition}, changed ${changed}, dropped ${dropped}`;
}

function exampleOf({ example }: RuleReport): string[] {
  if (example === undefined) {
    return [];
  }
  const { source, before, after } = example;
  const becomes = after === undefined ? "dropped" : after === before ? "unchanged" : after;
  return [`  saw ${JSON.stringify(source)} in ${before}`, `  => ${becomes}`];
}
