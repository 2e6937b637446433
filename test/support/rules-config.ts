import type { RulesConfig } from "../../src/rules/rules-config.ts";

/** What an input declares where it declares nothing. */
export const DECLARED_RULES = {
  metricTypes: [],
  metricNameFilter: [],
  metricNameFilterIgnore: [],
  measurementPrefix: "",
  measurementName: "",
  measurements: [],
  keepExistMetricName: false,
  honorTimestamps: true,
  tagsIgnore: [],
  tagsRename: { overwriteExistTags: false, mapping: {} },
  ignoreTagKvMatch: {},
  disableInfoTag: false,
} satisfies Partial<RulesConfig>;

/** Rules that let everything through, with these changes. */
export function rulesConfig(changes: Partial<RulesConfig> = {}): RulesConfig {
  return { ...DECLARED_RULES, overridingTags: {}, addedTags: [], ...changes };
}
