import type { SamplePart, SampleRole } from "../exposition/family-table.ts";
import type { FilterRule } from "./filter-rule.ts";
import { namePoint, type PointName } from "./measurement-naming.ts";
import { type PatternFault, PatternSet } from "./pattern-set.ts";
import type { RulesConfig } from "./rules-config.ts";

/** What the rules say of every sample of one name and role. */
export type NameVerdict =
  | { readonly kind: "filtered"; readonly rule: FilterRule }
  /** An info sample: its labels become tags of what follows, it makes no point. */
  | { readonly kind: "info" }
  | {
      readonly kind: "kept";
      readonly measurement: string;
      /** Empty where naming leaves nothing: the sample makes no point. */
      readonly field: string;
      readonly part: SamplePart;
    };

export interface CompiledRules {
  readonly program: RulesProgram;
  readonly faults: readonly PatternFault[];
}

const SUFFIXES: Partial<Record<SamplePart, string>> = {
  bucket: "_bucket",
  sum: "_sum",
  count: "_count",
};

/**
 * Compiles what an input declares. Patterns that do not compile are left out and listed in
 * `faults`.
 */
export function compileRules(config: RulesConfig): CompiledRules {
  const faults: PatternFault[] = [];
  const program = new RulesProgram(config, compilePatterns(config, faults));
  return { program, faults };
}

/** What is compiled of a declaration: the same for all targets whose rules differ in tags only. */
export interface RulePatterns {
  readonly filter: PatternSet | undefined;
  readonly filterIgnore: PatternSet | undefined;
  /** By tag name. */
  readonly values: ReadonlyMap<string, PatternSet>;
}

/** Adds patterns that do not compile to `faults`. */
export function compilePatterns(config: RulesConfig, faults: PatternFault[]): RulePatterns {
  const filter = PatternSet.compile(config.metricNameFilter, faults);
  const filterIgnore = PatternSet.compile(config.metricNameFilterIgnore, faults);
  const values = new Map<string, PatternSet>();
  for (const [name, patterns] of Object.entries(config.ignoreTagKvMatch)) {
    const compiled = PatternSet.compile(patterns, faults);
    if (compiled !== undefined) {
      values.set(name, compiled);
    }
  }
  return { filter, filterIgnore, values };
}

/** Declared rules with every decision taken that does not depend on a label's value. */
export class RulesProgram {
  readonly config: RulesConfig;
  readonly #patterns: RulePatterns;
  readonly #types: ReadonlySet<string>;
  readonly #tagsIgnore: ReadonlySet<string>;
  /** Old name, new name, in the order written. */
  readonly renames: readonly (readonly [from: string, to: string])[];

  constructor(config: RulesConfig, patterns: RulePatterns) {
    this.config = config;
    this.#patterns = patterns;
    this.#types = new Set(config.metricTypes.map((type) => type.toLowerCase()));
    this.#tagsIgnore = new Set(config.tagsIgnore);
    this.renames = Object.entries(config.tagsRename.mapping);
  }

  /** Ask once for each distinct name and role: patterns are evaluated here. */
  verdict(role: SampleRole, sampleName: string): NameVerdict {
    const rule = this.#filteredBy(role, sampleName);
    if (rule !== undefined) {
      return { kind: "filtered", rule };
    }
    if (role.part === "info") {
      return { kind: "info" };
    }
    return { kind: "kept", ...this.named(role, sampleName), part: role.part };
  }

  /** Measurement and field of a sample that no filter stopped. */
  named(role: SampleRole, sampleName: string): PointName {
    const scalar = role.part === "scalar";
    const { measurement, field } = namePoint(this.config, scalar ? sampleName : role.family);
    return { measurement, field: field + (SUFFIXES[role.part] ?? "") };
  }

  isIgnoredTag(name: string): boolean {
    return this.#tagsIgnore.has(name);
  }

  /** Patterns of `ignore_tag_kv_match` for a tag of this (renamed) name. */
  valuePatterns(name: string): PatternSet | undefined {
    return this.#patterns.values.get(name);
  }

  /**
   * A pattern matches a sample by its family's name or by its own (docs/compatibility.md, "Name
   * filters").
   */
  #filteredBy(role: SampleRole, sampleName: string): FilterRule | undefined {
    const matches = (set: PatternSet): boolean =>
      set.test(role.family) || (role.family !== sampleName && set.test(sampleName));
    const { filter, filterIgnore } = this.#patterns;
    if (filterIgnore !== undefined && matches(filterIgnore)) {
      return "metric_name_filter_ignore";
    }
    if (filter !== undefined && !matches(filter)) {
      return "metric_name_filter";
    }
    return this.#types.size > 0 && !this.#types.has(role.type) ? "metric_types" : undefined;
  }
}
