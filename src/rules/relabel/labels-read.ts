import { AnchoredPattern } from "./anchored-pattern.ts";
import type { RelabelConfig } from "./relabel-program.ts";
import {
  DEFAULT_REGEX,
  DEFAULT_REPLACEMENT,
  NAME_LABEL,
  type RelabelRule,
} from "./relabel-rule.ts";
import { replaceAll } from "./replace-all.ts";
import { parseSelector } from "./series-selector.ts";
import { splitReferences } from "./template.ts";

/**
 * Whether rules look at the value of a label of that name, of those there are before the first
 * rule. A label they do not look at may be left out: nothing else comes out but for the label
 * itself.
 */
export function labelsRead({ rules }: Pick<RelabelConfig, "rules">): (name: string) => boolean {
  const names = new Set(rules.flatMap(namesRead));
  const patterns = rules.flatMap(patternRead);
  return (name) => names.has(name) || patterns.some((matches) => matches(name));
}

/** Those that stand in the rule as they are. */
function namesRead(rule: RelabelRule): string[] {
  const selectors = (rule.if ?? []).map(parseSelector);
  const matched = selectors.flatMap((parsed) =>
    parsed.kind === "selector" ? parsed.selector.flat().map(({ label }) => label) : [],
  );
  const pieces = rule.action === "replace" ? splitReferences(rule.replacement ?? "") : [];
  const referenced = pieces.filter((_, place) => place % 2 === 1);
  return [...rule.sourceLabels, ...matched, ...referenced, ...comparedWith(rule)];
}

function comparedWith({ action, targetLabel }: RelabelRule): string[] {
  switch (action) {
    case "keepequal":
    case "dropequal":
    case "keep_if_contains":
    case "drop_if_contains":
      return [targetLabel];
    case "keep_metrics":
    case "drop_metrics":
    case "graphite":
      return [NAME_LABEL];
    default:
      return [];
  }
}

/** Those that a rule finds by their name. */
function patternRead(rule: RelabelRule): ((name: string) => boolean)[] {
  if (rule.action === "labelmap") {
    const pattern = new AnchoredPattern(rule.regex ?? DEFAULT_REGEX);
    return [(name) => pattern.matches(name)];
  }
  if (rule.action === "labelmap_all") {
    const replace = replaceAll(rule.regex, rule.replacement ?? DEFAULT_REPLACEMENT);
    return [(name) => replace(name) !== name];
  }
  return [];
}
