import type { SeriesConfig } from "./relabel/series-config.ts";

/** One `[[inputs.prom.measurements]]` rule. */
interface MeasurementRule {
  readonly prefix: string;
  /** Empty: the measurement is the prefix without its trailing underscores. */
  readonly name: string;
}

interface TagsRenameConfig {
  readonly overwriteExistTags: boolean;
  /** Old label name to new label name. */
  readonly mapping: Readonly<Record<string, string>>;
}

/**
 * What an `[[inputs.prom]]` declares about samples, as plain data: it crosses the thread boundary and is compiled there
 * (`compileRules`). Names follow the TOML keys; meaning and defaults: docs/configuration.md.
 */
export interface RulesConfig {
  readonly metricTypes: readonly string[];
  readonly metricNameFilter: readonly string[];
  readonly metricNameFilterIgnore: readonly string[];
  readonly measurementPrefix: string;
  readonly measurementName: string;
  readonly measurements: readonly MeasurementRule[];
  readonly keepExistMetricName: boolean;
  readonly honorTimestamps: boolean;
  /** A sample's own time that is far from that of the scrape gives way to it, and becomes a field. */
  readonly correctTimes?: true;
  readonly tagsIgnore: readonly string[];
  readonly tagsRename: TagsRenameConfig;
  /** Label name to patterns; a label whose value matches one is removed, the sample stays. */
  readonly ignoreTagKvMatch: Readonly<Record<string, readonly string[]>>;
  readonly disableInfoTag: boolean;
  /** Tags that win over labels and to which `tagsIgnore` and `tagsRename` apply: those of a pod annotation. */
  readonly overridingTags: Readonly<Record<string, string>>;
  /**
   * Tags added where the sample has none of that name, first come first kept: `[inputs.prom.tags]`, then `host` and
   * `instance` of the URL, then the global tags.
   */
  readonly addedTags: readonly (readonly [name: string, value: string])[];
  /** Present: relabel rules or limits that see name and labels together, after the filters and before the tags. */
  readonly series?: SeriesConfig;
  /** Present: points go to category logging, with a tag `service` (its value, or the measurement where empty). */
  readonly asLogging?: { readonly service: string };
}
