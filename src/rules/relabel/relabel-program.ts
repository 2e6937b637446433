import { joinGates } from "./gates.ts";
import { type Label, LabelSet } from "./label-set.ts";
import type { RelabelFlavour, RelabelRule } from "./relabel-rule.ts";
import { compileStep, type Md5Tail, type RelabelStep, sourceOf } from "./relabel-step.ts";
import { SelectorProgram } from "./series-selector.ts";

/**
 * What is declared for the samples (or the target) of an input. Plain data: it crosses the thread
 * boundary.
 */
export interface RelabelConfig {
  readonly flavour: RelabelFlavour;
  readonly rules: readonly RelabelRule[];
}

/** What one rule made of the labels it saw. */
export interface RelabelTrace {
  readonly rule: RelabelRule;
  /** False: `if` did not match, and the rule was passed by. */
  readonly applied: boolean;
  /** The values of the source labels, joined. */
  readonly source: string;
  readonly before: readonly Label[];
  /** Undefined where the rule dropped the series. */
  readonly after: readonly Label[] | undefined;
}

interface CompiledRule {
  readonly rule: RelabelRule;
  readonly condition: SelectorProgram | undefined;
  readonly step: RelabelStep;
  /** `keep` with an `if` keeps nothing else. */
  readonly dropsOthers: boolean;
}

/** Valid rules with every decision taken that does not depend on labels. */
export class RelabelProgram {
  readonly #flavour: RelabelFlavour;
  readonly #rules: readonly CompiledRule[];
  /** The same, with gates that stand beside each other joined. */
  readonly #steps: readonly RelabelStep[];

  constructor(config: RelabelConfig, md5Tail: Md5Tail) {
    const { flavour } = config;
    this.#flavour = flavour;
    this.#rules = config.rules.map((rule) => ({
      rule,
      condition:
        rule.if === undefined || rule.if.length === 0 ? undefined : new SelectorProgram(rule.if),
      step: compileStep(rule, { flavour, md5Tail }),
      dropsOthers: rule.action === "keep" || rule.action === "keep_metrics",
    }));
    this.#steps = joinGates(
      this.#rules.map((compiled) => ({
        rule: compiled.rule,
        step: (labels) => applyRule(compiled, labels),
      })),
    );
  }

  /**
   * The labels that come out, undefined where the series is dropped. None at all is dropped too.
   */
  apply(labels: Iterable<Label>): readonly Label[] | undefined {
    const set = new LabelSet(labels, this.#flavour);
    for (const step of this.#steps) {
      if (!step(set) || this.#isEmpty(set)) {
        return undefined;
      }
    }
    set.dropEmpty();
    return set.size === 0 ? undefined : set.labels();
  }

  /** The same, rule by rule; the last trace is of the rule that dropped the series, if one did. */
  explain(labels: Iterable<Label>): {
    readonly traces: readonly RelabelTrace[];
    readonly labels: readonly Label[] | undefined;
  } {
    const set = new LabelSet(labels, this.#flavour);
    const traces: RelabelTrace[] = [];
    for (const compiled of this.#rules) {
      const { rule, condition } = compiled;
      const before = set.labels();
      const source = sourceOf(rule)(set);
      const applied = condition?.matches(set) ?? true;
      const kept = applyRule(compiled, set) && !this.#isEmpty(set);
      traces.push({ rule, applied, source, before, after: kept ? set.labels() : undefined });
      if (!kept) {
        return { traces, labels: undefined };
      }
    }
    set.dropEmpty();
    return { traces, labels: set.size === 0 ? undefined : set.labels() };
  }

  /** vmagent stops as soon as no label is left, Prometheus' rules may make new ones. */
  #isEmpty(set: LabelSet): boolean {
    return this.#flavour === "vmagent" && set.size === 0;
  }
}

function applyRule({ condition, step, dropsOthers }: CompiledRule, labels: LabelSet): boolean {
  return condition === undefined || condition.matches(labels) ? step(labels) : !dropsOthers;
}
