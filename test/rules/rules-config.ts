import type { RulesConfig } from "../../src/rules/rules-config.ts";

/** Rules that let everything through, with these changes. */
export function rulesConfig(changes: Partial<RulesConfig> = {}): RulesConfig {
  return {
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
    overridingTags: {},
    addedTags: [],
    ...changes,
  };
}
