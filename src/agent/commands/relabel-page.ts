import type { AgentSettings } from "../../config/settings/agent-settings.ts";
import type { DesiredTarget } from "../../discovery/static-targets.ts";
import type { Label } from "../../rules/relabel/label-set.ts";
import { parseLabelsText } from "../../rules/relabel/labels-text.ts";
import type { RelabelConfig } from "../../rules/relabel/relabel-program.ts";
import { PARAM, targetLabels } from "../targets/target-labels.ts";
import { targetRulesOf } from "../targets/target-relabel.ts";
import { scrapeTargetOf } from "../targets/target-spec.ts";
import { type RelabelReport, type RuleReport, reportRelabeling } from "./relabel-report.ts";

/** One page answers for so many: it is made in one go, on the thread that schedules. */
const MAX_INPUTS = 100;
const MAX_TARGETS = 200;
const MAX_OUTPUT = 20;
const MASK = "***";
/** A shorter text is in too many others to be masked wherever it stands. */
const SHORTEST_SECRET = 4;

/** What the rules of one input do. */
interface InputReport extends RelabelReport {
  readonly source: string;
  readonly declaredAt: { readonly file: string; readonly line?: number };
}

export type RelabelPage =
  | { readonly status: "success"; readonly data: readonly InputReport[] }
  | { readonly status: "error"; readonly errorType: "bad_data"; readonly error: string };

/**
 * `/api/v1/relabel`: with `series=up{…}` what each input's rules for samples do to that series, without it what its rules for
 * targets did to its targets; `source=` picks inputs. Values of parameters are masked wherever they stand.
 */
export function relabelPage(
  found: readonly DesiredTarget[],
  settings: AgentSettings,
  query: URLSearchParams,
): RelabelPage {
  const source = query.get("source");
  const series = query.get("series");
  const parsed = series === null ? undefined : parseLabelsText(series);
  if (parsed?.kind === "wrong") {
    return { status: "error", errorType: "bad_data", error: `series ${parsed.message}` };
  }
  const wanted = found.filter(({ input }) => source === null || input.source === source);
  const byInput = [...Map.groupBy(wanted, ({ input }) => input).values()].slice(0, MAX_INPUTS);
  let left = MAX_TARGETS;
  const data = byInput.map((targets): InputReport => {
    const first = targets[0] as DesiredTarget;
    const chosen = targets.slice(0, left);
    left -= parsed === undefined ? chosen.length : 0;
    const report =
      parsed === undefined
        ? maskedReport(targetRulesOf(first.input, settings.targetRelabel), chosen.map(targetLabels))
        : maskedReport(sampleRulesOf(first, settings), [parsed.labels]);
    return { source: first.input.source, declaredAt: placeOf(first), ...report };
  });
  return { status: "success", data };
}

function placeOf({ file, position }: DesiredTarget): InputReport["declaredAt"] {
  return position === undefined ? { file } : { file, line: position.line };
}

function sampleRulesOf(target: DesiredTarget, settings: AgentSettings): readonly RelabelConfig[] {
  return scrapeTargetOf(target, settings).rules.series?.relabel ?? [];
}

function maskedReport(
  configs: readonly RelabelConfig[],
  series: readonly (readonly Label[])[],
): RelabelReport {
  const mask = maskOf(secretsOf(configs, series));
  const report = reportRelabeling(configs, series, MAX_OUTPUT);
  return {
    ...report,
    rules: report.rules.map((rule) => maskRule(rule, mask)),
    output: report.output.map(mask),
  };
}

/** Of parameters the values that targets have, and those that rules give them. */
function secretsOf(
  configs: readonly RelabelConfig[],
  series: readonly (readonly Label[])[],
): ReadonlySet<string> {
  const given = series.flat().filter(([name]) => name.startsWith(PARAM));
  const made = configs
    .flatMap(({ rules }) => rules)
    .filter(({ targetLabel }) => targetLabel.startsWith(PARAM));
  return new Set([
    ...given.map(([, value]) => value),
    ...made.map(({ replacement }) => replacement ?? "").filter((text) => !/[${]/.test(text)),
  ]);
}

function maskOf(secrets: ReadonlySet<string>): (text: string) => string {
  const long = [...secrets]
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .toSorted((left, right) => right.length - left.length);
  return (text) => {
    const shown = text.replace(/(__param_[^=,{]*=)"(?:[^"\\]|\\.)*"/g, `$1"${MASK}"`);
    return long.reduce((masked, secret) => masked.replaceAll(secret, MASK), shown);
  };
}

function maskRule(rule: RuleReport, mask: (text: string) => string): RuleReport {
  const { example } = rule;
  return {
    ...rule,
    rule: mask(rule.rule),
    ...(example && {
      example: {
        source: mask(example.source),
        before: mask(example.before),
        ...(example.after !== undefined && { after: mask(example.after) }),
      },
    }),
  };
}
