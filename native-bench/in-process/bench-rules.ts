import type { RulesConfig } from "../../src/rules/rules-config.ts";
import { MIB } from "../../src/units.ts";
import type { NameFilter } from "../workload/name-filter.ts";

export const benchLimits = { lineBytes: MIB, labelsPerLine: 256, samples: 10_000_000 };

/** What `contenders/promline-agent.ts` writes as TOML, as the cold path gets it. */
export function benchRules(filter: NameFilter | undefined): RulesConfig {
  return {
    metricTypes: filter?.types ?? [],
    metricNameFilter: filter?.names ?? [],
    metricNameFilterIgnore: [],
    measurementPrefix: "",
    measurementName: "",
    measurements: [],
    keepExistMetricName: false,
    honorTimestamps: true,
    tagsIgnore: filter?.tagsIgnore ?? [],
    tagsRename: { overwriteExistTags: false, mapping: {} },
    ignoreTagKvMatch: {},
    disableInfoTag: false,
    overridingTags: {},
    addedTags: [
      ["host", "127.0.1.1"],
      ["instance", "127.0.1.1:9100"],
    ],
  };
}
