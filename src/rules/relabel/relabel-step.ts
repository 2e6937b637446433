import { AnchoredPattern } from "./anchored-pattern.ts";
import { goLower, goUpper } from "./go-case.ts";
import { expandGraphite, matchGraphite } from "./graphite.ts";
import { isUtf8LabelName } from "./label-name.ts";
import type { LabelSet } from "./label-set.ts";
import {
  DEFAULT_REGEX,
  DEFAULT_REPLACEMENT,
  DEFAULT_SEPARATOR,
  NAME_LABEL,
  type RelabelFlavour,
  type RelabelRule,
} from "./relabel-rule.ts";
import { RememberedAnswers } from "./remembered-answers.ts";
import { replaceAll } from "./replace-all.ts";
import { Template } from "./template.ts";
import { xxhash64 } from "./xxhash64.ts";

/** Changes labels as one rule says; false: the series is dropped. */
export type RelabelStep = (labels: LabelSet) => boolean;

/**
 * The last 8 bytes of the MD5 of a text's UTF-8, big end first: what Prometheus' `hashmod` divides.
 */
export type Md5Tail = (text: string) => bigint;

export interface StepOptions {
  readonly flavour: RelabelFlavour;
  readonly md5Tail: Md5Tail;
}

/** One valid rule without its `if`. */
export function compileStep(rule: RelabelRule, options: StepOptions): RelabelStep {
  const source = sourceOf(rule);
  switch (rule.action) {
    case "replace":
      return replaceStep(rule, source, options.flavour);
    case "replace_all":
      return replaceAllStep(rule, source);
    case "keep":
    case "keep_metrics":
      return matchStep(rule, source, true);
    case "drop":
    case "drop_metrics":
      return matchStep(rule, source, false);
    case "keepequal":
      return (labels) => source(labels) === labels.get(rule.targetLabel);
    case "dropequal":
      return (labels) => source(labels) !== labels.get(rule.targetLabel);
    case "keep_if_equal":
      return (labels) => areEqual(rule, labels);
    case "drop_if_equal":
      return (labels) => !areEqual(rule, labels);
    case "keep_if_contains":
      return (labels) => contains(rule, labels);
    case "drop_if_contains":
      return (labels) => !contains(rule, labels);
    case "lowercase":
      return writeStep(rule, (labels) => goLower(source(labels)));
    case "uppercase":
      return writeStep(rule, (labels) => goUpper(source(labels)));
    case "hashmod":
      return hashStep(rule, source, options);
    case "labelmap":
      return labelMapStep(rule, options.flavour);
    case "labelmap_all":
      return labelMapAllStep(rule);
    case "labeldrop":
      return labelFilterStep(rule, false);
    case "labelkeep":
      return labelFilterStep(rule, true);
    case "graphite":
      return graphiteStep(rule);
  }
}

type Source = (labels: LabelSet) => string;

/** The labels that a rule looks at. */
export function sourceNames({ action, sourceLabels }: RelabelRule): readonly string[] {
  return action === "keep_metrics" || action === "drop_metrics" ? [NAME_LABEL] : sourceLabels;
}

/** What a rule looks at, as `promline relabel` shows it too. */
export function sourceOf(rule: RelabelRule): Source {
  const names = sourceNames(rule);
  const separator = rule.separator ?? DEFAULT_SEPARATOR;
  const [first] = names;
  if (first === undefined) {
    return () => "";
  }
  return names.length === 1
    ? (labels) => labels.get(first)
    : (labels) => names.map((name) => labels.get(name)).join(separator);
}

function patternOf(rule: RelabelRule): AnchoredPattern {
  return new AnchoredPattern(rule.regex ?? DEFAULT_REGEX);
}

function writeStep({ targetLabel }: RelabelRule, value: Source): RelabelStep {
  return (labels) => {
    labels.set(targetLabel, value(labels));
    return true;
  };
}

function matchStep(rule: RelabelRule, source: Source, keep: boolean): RelabelStep {
  const pattern = patternOf(rule);
  return (labels) => pattern.matches(source(labels)) === keep;
}

function replaceStep(rule: RelabelRule, source: Source, flavour: RelabelFlavour): RelabelStep {
  const pattern = patternOf(rule);
  const target = new Template(rule.targetLabel, false);
  const replacement = new Template(rule.replacement ?? DEFAULT_REPLACEMENT, true);
  const groupless = target.groupless && replacement.groupless;
  const copies = pattern.source === DEFAULT_REGEX;
  const anyName = flavour === "vmagent";
  return (labels) => {
    const text = source(labels);
    if (!pattern.matches(text)) {
      return true;
    }
    const groups = groupless ? undefined : copies ? wholeText(text) : pattern.groups(text);
    const name = target.expand(groups, () => "");
    if (anyName || isUtf8LabelName(name)) {
      labels.set(
        name,
        replacement.expand(groups, (label) => labels.get(label)),
      );
    }
    return true;
  };
}

/** The groups of `(.*)`, by far the most frequent pattern. */
function wholeText(text: string) {
  return { byNumber: (number: number) => (number <= 1 ? text : ""), byName: () => "" };
}

function replaceAllStep(rule: RelabelRule, source: Source): RelabelStep {
  const replace = replaceAll(rule.regex, rule.replacement ?? DEFAULT_REPLACEMENT);
  return (labels) => {
    const text = source(labels);
    const replaced = replace(text);
    if (replaced !== text) {
      labels.set(rule.targetLabel, replaced);
    }
    return true;
  };
}

function hashStep(rule: RelabelRule, source: Source, options: StepOptions): RelabelStep {
  const hash = options.flavour === "vmagent" ? xxhash64 : options.md5Tail;
  const modulus = BigInt(rule.modulus);
  const remembered = new RememberedAnswers<string>();
  return writeStep(rule, (labels) => {
    const text = source(labels);
    const known = remembered.get(text);
    if (known !== undefined) {
      return known;
    }
    const answer = String(hash(text) % modulus);
    remembered.set(text, answer);
    return answer;
  });
}

function areEqual({ sourceLabels }: RelabelRule, labels: LabelSet): boolean {
  return new Set(sourceLabels.map((name) => labels.get(name))).size === 1;
}

function contains({ sourceLabels, targetLabel }: RelabelRule, labels: LabelSet): boolean {
  const all = labels.get(targetLabel);
  return sourceLabels.every((name) => all.includes(labels.get(name)));
}

function labelMapStep(rule: RelabelRule, flavour: RelabelFlavour): RelabelStep {
  const pattern = patternOf(rule);
  const replacement = new Template(rule.replacement ?? DEFAULT_REPLACEMENT, false);
  const sequential = flavour === "vmagent";
  return (labels) => {
    for (const [name, before] of labels.labels()) {
      if (pattern.matches(name)) {
        const to = replacement.expand(pattern.groups(name), () => "");
        // Also where it has that name: a label before it may have written to it.
        labels.set(to, sequential ? labels.get(name) : before);
      }
    }
    return true;
  };
}

function labelMapAllStep(rule: RelabelRule): RelabelStep {
  const replace = replaceAll(rule.regex, rule.replacement ?? DEFAULT_REPLACEMENT);
  return (labels) => {
    for (const name of labels.names()) {
      labels.rename(name, replace(name));
    }
    return true;
  };
}

function labelFilterStep(rule: RelabelRule, keep: boolean): RelabelStep {
  const pattern = patternOf(rule);
  return (labels) => {
    for (const name of labels.names()) {
      if (pattern.matches(name) !== keep) {
        labels.remove(name);
      }
    }
    return true;
  };
}

function graphiteStep(rule: RelabelRule): RelabelStep {
  const templates = Object.entries(rule.labels ?? {});
  return (labels) => {
    const found = matchGraphite(rule.match ?? "", labels.get(NAME_LABEL));
    for (const [label, template] of found === undefined ? [] : templates) {
      labels.set(label, expandGraphite(template, found ?? []));
    }
    return true;
  };
}
