import type { RelabelTrace } from "./relabel-program.ts";
import { DEFAULT_REPLACEMENT, type RelabelRule } from "./relabel-rule.ts";

/**
 * The labels whose value is text of the rules and nothing else: no part of it was in a label before
 * the first rule. What cannot be told is not among them. Which of several texts of the rules a
 * label got may still hang on labels, by `regex` or `if`.
 */
export function labelsOfRuleText(traces: readonly RelabelTrace[]): ReadonlySet<string> {
  const own = new Set<string>();
  for (const { rule, before, after } of traces) {
    const from = new Map(before);
    const to = new Map(after ?? []);
    // Judged by what was so before the rule: it may write a label that it reads.
    const writesOwn = writesRuleText(rule, own);
    for (const name of new Set([...from.keys(), ...to.keys()])) {
      if (from.get(name) === to.get(name)) {
        continue;
      }
      if (writesOwn && to.has(name)) {
        own.add(name);
      } else {
        own.delete(name);
      }
    }
  }
  return own;
}

function writesRuleText(rule: RelabelRule, own: ReadonlySet<string>): boolean {
  const { action, sourceLabels, targetLabel, replacement = DEFAULT_REPLACEMENT } = rule;
  if (action !== "replace" || replacement.includes("{{")) {
    return false;
  }
  // Groups hold pieces of the source labels; in a target label they would choose where the text
  // goes.
  const isFixed = !replacement.includes("$") && !targetLabel.includes("$");
  return isFixed || sourceLabels.every((name) => own.has(name));
}
