import { checkRegex } from "./anchored-pattern.ts";
import { isLegacyLabelName, isLegacyLabelTemplate, isUtf8LabelName } from "./label-name.ts";
import { type ReadRule, readRule } from "./read-rule.ts";
import {
  DEFAULT_REGEX,
  DEFAULT_REPLACEMENT,
  DEFAULT_SEPARATOR,
  type RelabelFlavour,
  type RelabelRule,
} from "./relabel-rule.ts";
import { parseSelector } from "./series-selector.ts";

/** Which names labels may have: any UTF-8, or those of old. */
type NameScheme = "utf8" | "legacy";

export interface RuleChecks {
  readonly flavour: RelabelFlavour;
  readonly names: NameScheme;
}

/** `readRule`, and `validateRule` of what it read. */
export function checkedRule(raw: unknown, checks: RuleChecks): ReadRule {
  const read = readRule(raw);
  const message = read.kind === "rule" ? validateRule(read.rule, checks) : undefined;
  return message === undefined ? read : { kind: "wrong", message };
}

/**
 * What is wrong with a rule, undefined where nothing is. Rules that Prometheus (or vmagent) refuses
 * are refused, in words that Prometheus' users know; actions that only vmagent has are judged as it
 * does in both flavours.
 */
export function validateRule(rule: RelabelRule, checks: RuleChecks): string | undefined {
  return (
    patternTrouble(rule) ??
    selectorTrouble(rule) ??
    (checks.flavour === "prometheus" ? prometheusTrouble(rule, checks.names) : undefined) ??
    vmagentTrouble(rule, checks.flavour) ??
    graphiteTrouble(rule)
  );
}

function patternTrouble({ regex }: RelabelRule): string | undefined {
  const trouble = regex === undefined ? undefined : checkRegex(regex);
  return trouble === undefined
    ? undefined
    : `the regex ${JSON.stringify(regex)} does not compile: ${trouble}`;
}

function selectorTrouble(rule: RelabelRule): string | undefined {
  for (const text of rule.if ?? []) {
    const parsed = parseSelector(text);
    if (parsed.kind === "wrong") {
      return `'if' is no series selector: ${parsed.message}`;
    }
  }
  return undefined;
}

const NEEDS_TARGET: ReadonlySet<string> = new Set([
  "replace",
  "hashmod",
  "lowercase",
  "uppercase",
  "keepequal",
  "dropequal",
]);
const NO_REPLACEMENT: ReadonlySet<string> = new Set([
  "lowercase",
  "uppercase",
  "keepequal",
  "dropequal",
]);

function prometheusTrouble(rule: RelabelRule, names: NameScheme): string | undefined {
  const { action, targetLabel, modulus, replacement = DEFAULT_REPLACEMENT } = rule;
  if (action === "hashmod" && modulus === 0) {
    return "relabel configuration for hashmod requires non-zero modulus";
  }
  if (NEEDS_TARGET.has(action) && targetLabel === "") {
    return `relabel configuration for ${action} action requires 'target_label' value`;
  }
  if (NEEDS_TARGET.has(action) && !isTarget(rule, names)) {
    return `${JSON.stringify(targetLabel)} is invalid 'target_label' for ${action} action`;
  }
  if (NO_REPLACEMENT.has(action) && replacement !== DEFAULT_REPLACEMENT) {
    return `'replacement' can not be set for ${action} action`;
  }
  if (action === "labelmap" && !isTemplate(replacement, names)) {
    return `${JSON.stringify(replacement)} is invalid 'replacement' for labelmap action`;
  }
  return surplusTrouble(rule);
}

function isTarget({ action, targetLabel }: RelabelRule, names: NameScheme): boolean {
  if (action === "replace" && targetLabel.includes("$")) {
    return isTemplate(targetLabel, names);
  }
  return names === "utf8" ? isUtf8LabelName(targetLabel) : isLegacyLabelName(targetLabel);
}

/** `$` and braces are characters of UTF-8 names. */
function isTemplate(text: string, names: NameScheme): boolean {
  return names === "utf8" ? isUtf8LabelName(text) : isLegacyLabelTemplate(text);
}

/** Keys that mean nothing to the action, and so were meant otherwise. */
function surplusTrouble(rule: RelabelRule): string | undefined {
  const { action, regex, modulus, separator, replacement } = rule;
  const plain =
    modulus === 0 &&
    (separator ?? DEFAULT_SEPARATOR) === DEFAULT_SEPARATOR &&
    (replacement ?? DEFAULT_REPLACEMENT) === DEFAULT_REPLACEMENT;
  switch (action) {
    case "keepequal":
    case "dropequal":
      return plain && (regex ?? DEFAULT_REGEX) === DEFAULT_REGEX
        ? undefined
        : `${action} action requires only 'source_labels' and \`target_label\`, and no other fields`;
    case "labeldrop":
    case "labelkeep":
      return plain && rule.sourceLabels.length === 0 && rule.targetLabel === ""
        ? undefined
        : `${action} action requires only 'regex', and no other fields`;
    default:
      return undefined;
  }
}

/** Keys that vmagent asks of its actions, and of Prometheus' in its own flavour. */
interface Demands {
  readonly sources?: number;
  readonly target?: true;
  /** One of the two. */
  readonly sourcesOrIf?: true;
  readonly regexOrIf?: true;
  readonly never?: readonly ("source_labels" | "target_label" | "regex")[];
}

const DEMANDS: Partial<Record<RelabelRule["action"], Demands>> = {
  replace_all: { sources: 1, target: true },
  keep_if_contains: { sources: 1, target: true, never: ["regex"] },
  drop_if_contains: { sources: 1, target: true, never: ["regex"] },
  keep_if_equal: { sources: 2, never: ["target_label", "regex"] },
  drop_if_equal: { sources: 2, never: ["target_label", "regex"] },
  keep_metrics: { regexOrIf: true, never: ["source_labels"] },
  drop_metrics: { regexOrIf: true, never: ["source_labels"] },
};

const VMAGENT_DEMANDS: Partial<Record<RelabelRule["action"], Demands>> = {
  replace: { target: true },
  keep: { sourcesOrIf: true },
  drop: { sourcesOrIf: true },
  keepequal: { target: true, never: ["regex"] },
  dropequal: { target: true, never: ["regex"] },
  hashmod: { sources: 1, target: true },
  uppercase: { sources: 1, target: true },
  lowercase: { sources: 1, target: true },
};

function vmagentTrouble(rule: RelabelRule, flavour: RelabelFlavour): string | undefined {
  const own = flavour === "vmagent" ? VMAGENT_DEMANDS[rule.action] : undefined;
  const trouble = demandTrouble(rule, DEMANDS[rule.action] ?? own ?? {});
  if (trouble !== undefined) {
    return `${rule.action} ${trouble}`;
  }
  return rule.action === "hashmod" && rule.modulus < 1
    ? "hashmod needs a modulus above zero"
    : undefined;
}

function demandTrouble(rule: RelabelRule, demands: Demands): string | undefined {
  const { sources = 0, never = [] } = demands;
  if (rule.sourceLabels.length < sources) {
    return sources === 1 ? "needs source_labels" : `needs at least ${sources} source_labels`;
  }
  if (demands.target && rule.targetLabel === "") {
    return "needs target_label";
  }
  if (demands.sourcesOrIf && rule.sourceLabels.length === 0 && rule.if === undefined) {
    return "needs source_labels or if";
  }
  if (demands.regexOrIf && (rule.regex ?? "") === "" && rule.if === undefined) {
    return "needs regex or if";
  }
  const given = never.find((name) => isGiven(rule, name));
  return given === undefined ? undefined : `takes no ${given}`;
}

function isGiven(rule: RelabelRule, name: "source_labels" | "target_label" | "regex"): boolean {
  switch (name) {
    case "source_labels":
      return rule.sourceLabels.length > 0;
    case "target_label":
      return rule.targetLabel !== "";
    case "regex":
      return rule.regex !== undefined;
  }
}

function graphiteTrouble(rule: RelabelRule): string | undefined {
  const match = rule.match ?? "";
  const hasLabels = Object.keys(rule.labels ?? {}).length > 0;
  if (rule.action !== "graphite") {
    const surplus = match !== "" ? "match" : hasLabels ? "labels" : undefined;
    return surplus && `${rule.action} takes no ${surplus}: that is for graphite`;
  }
  if (match === "" || !hasLabels) {
    return `graphite needs ${match === "" ? "match" : "labels"}`;
  }
  const surplus = graphiteSurplus(rule);
  return surplus && `graphite takes no ${surplus}`;
}

function graphiteSurplus(rule: RelabelRule): string | undefined {
  const names = ["source_labels", "target_label", "regex"] as const;
  const given = names.find((name) => isGiven(rule, name));
  return given ?? (rule.replacement === undefined ? undefined : "replacement");
}
