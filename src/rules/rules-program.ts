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

/** Compiles what an input declares. Patterns that do not compile are left out and listed in `faults`. */
export function compileRules(config: RulesConfig): CompiledRules {
  const faults: PatternFault[] = [];
  const program = new RulesProgram(config, faults);
  return { program, faults };
}

/** Declared rules with every decision taken that does not depend on a label's value. */
export class RulesProgram {
  readonly config: RulesConfig;
  readonly #types: ReadonlySet<string>;
  readonly #filter: PatternSet | undefined;
  readonly #filterIgnore: PatternSet | undefined;
  readonly #tagsIgnore: ReadonlySet<string>;
  readonly #valuePatterns = new Map<string, PatternSet>();
  /** Old name, new name, in the order written. */
  readonly renames: readonly (readonly [from: string, to: string])[];

  constructor(config: RulesConfig, faults: PatternFault[]) {
    this.config = config;
    this.#types = new Set(config.metricTypes.map((type) => type.toLowerCase()));
    this.#filter = PatternSet.compile(config.metricNameFilter, faults);
    this.#filterIgnore = PatternSet.compile(config.metricNameFilterIgnore, faults);
    this.#tagsIgnore = new Set(config.tagsIgnore);
    this.renames = Object.entries(config.tagsRename.mapping);
    for (const [name, patterns] of Object.entries(config.ignoreTagKvMatch)) {
      const compiled = PatternSet.compile(patterns, faults);
      if (compiled !== undefined) {
        this.#valuePatterns.set(name, compiled);
      }
    }
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
    return this.#valuePatterns.get(name);
  }

  /** A pattern matches a sample by its family's name or by its own (docs/compatibility.md, "Name filters"). */
  #filteredBy(role: SampleRole, sampleName: string): FilterRule | undefined {
    const matches = (set: PatternSet): boolean =>
      set.test(role.family) || (role.family !== sampleName && set.test(sampleName));
    if (this.#filterIgnore !== undefined && matches(this.#filterIgnore)) {
      return "metric_name_filter_ignore";
    }
    if (this.#filter !== undefined && !matches(this.#filter)) {
      return "metric_name_filter";
    }
    return this.#types.size > 0 && !this.#types.has(role.type) ? "metric_types" : undefined;
  }
}
