import type { LabelSet } from "./label-set.ts";
import { DEFAULT_SEPARATOR, type RelabelRule } from "./relabel-rule.ts";
import { type RelabelStep, sourceNames, sourceOf } from "./relabel-step.ts";
import { RememberedAnswers } from "./remembered-answers.ts";

/** A gate keeps or drops by the text of its source labels alone, and changes nothing. */
const GATES: ReadonlySet<RelabelRule["action"]> = new Set([
  "keep",
  "drop",
  "keep_metrics",
  "drop_metrics",
]);

interface RuleStep {
  readonly rule: RelabelRule;
  readonly step: RelabelStep;
}

/**
 * The steps of all rules, where gates that stand beside each other are joined: those that look at
 * the same source are asked once for each of its texts. So hundreds of rules that drop metrics by
 * name cost a series one look-up.
 */
export function joinGates(rules: readonly RuleStep[]): readonly RelabelStep[] {
  const steps: RelabelStep[] = [];
  let run: RuleStep[] = [];
  for (const one of rules) {
    if (isGate(one.rule)) {
      run.push(one);
      continue;
    }
    steps.push(...joined(run), one.step);
    run = [];
  }
  return [...steps, ...joined(run)];
}

function isGate({ action, if: conditions }: RelabelRule): boolean {
  return GATES.has(action) && (conditions === undefined || conditions.length === 0);
}

/** Gates change nothing, so their order does not matter. */
function joined(gates: readonly RuleStep[]): RelabelStep[] {
  const bySource = Map.groupBy(gates, ({ rule }) => sourceKey(rule));
  return [...bySource.values()].map(([first, ...others]) => {
    const gate = first as RuleStep;
    return others.length === 0 ? gate.step : askedOnce(gate.rule, [gate, ...others]);
  });
}

function sourceKey(rule: RelabelRule): string {
  return JSON.stringify([sourceNames(rule), rule.separator ?? DEFAULT_SEPARATOR]);
}

function askedOnce(rule: RelabelRule, gates: readonly RuleStep[]): RelabelStep {
  const source = sourceOf(rule);
  const remembered = new RememberedAnswers<boolean>();
  return (labels: LabelSet) => {
    const text = source(labels);
    const known = remembered.get(text);
    if (known !== undefined) {
      return known;
    }
    const passes = gates.every(({ step }) => step(labels));
    remembered.set(text, passes);
    return passes;
  };
}
