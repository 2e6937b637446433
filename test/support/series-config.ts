import { readRule } from "../../src/rules/relabel/read-rule.ts";
import type { RelabelRule } from "../../src/rules/relabel/relabel-rule.ts";
import { NO_SERIES_LIMITS, type SeriesConfig } from "../../src/rules/relabel/series-config.ts";

/** Rules as they are written in a drop-in. */
export function seriesConfig(
  rules: readonly Readonly<Record<string, unknown>>[],
  changes: Partial<SeriesConfig> = {},
): SeriesConfig {
  const read = rules.map((raw): RelabelRule => {
    const one = readRule(raw);
    if (one.kind === "wrong") {
      throw new Error(one.message);
    }
    return one.rule;
  });
  const relabel = [{ flavour: "prometheus" as const, rules: read }];
  return { relabel, honorLabels: true, limits: NO_SERIES_LIMITS, ...changes };
}
