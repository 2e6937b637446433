import type { RelabelFlavour, RelabelRule } from "../../rules/relabel/relabel-rule.ts";
import type { SeriesLimits } from "../../rules/relabel/series-config.ts";
import { checkedRule } from "../../rules/relabel/validate-rule.ts";
import type { Reading } from "../language/reading.ts";
import type { Values } from "../language/schema.ts";
import type { seriesSchema } from "./relabel-schema.ts";

/** What an input declares about series as a whole: relabel rules, `honor_labels`, limits. */
export interface InputSeries {
  readonly flavour: RelabelFlavour;
  readonly metricRelabel: readonly RelabelRule[];
  /** Of targets, before they are scraped. */
  readonly targetRelabel: readonly RelabelRule[];
  readonly relabelFile?: {
    readonly path: string;
    /** Once it has been read. */
    readonly rules?: readonly RelabelRule[];
    readonly targetRules?: readonly RelabelRule[];
  };
  readonly honorLabels: boolean;
  readonly limits: SeriesLimits;
}

type SeriesValues = Values<typeof seriesSchema>;

/** Undefined where the table declares nothing of the kind: then samples pass by without a look. */
export function readSeries(values: SeriesValues, at: Reading): InputSeries | undefined {
  const flavour = values.relabel_flavour;
  const path = values.relabel_config_file;
  const limits: SeriesLimits = {
    samples: values.sample_limit,
    labels: values.label_limit,
    labelNameBytes: values.label_name_length_limit,
    labelValueBytes: values.label_value_length_limit,
    series: values.series_limit,
  };
  const metricRelabel = readRelabelRules("metric_relabel_configs", values, at);
  const targetRelabel = readRelabelRules("relabel_configs", values, at);
  const limited = Object.values(limits).some((limit) => limit > 0);
  const declared =
    [...metricRelabel, ...targetRelabel].length > 0 ||
    (path ?? "") !== "" ||
    !values.honor_labels ||
    limited;
  if (!declared) {
    return undefined;
  }
  return {
    flavour,
    metricRelabel,
    targetRelabel,
    ...(path !== undefined && path !== "" && { relabelFile: { path } }),
    honorLabels: values.honor_labels,
    limits,
  };
}

/** The rules of a table. Each wrong one is an error: the others would mean something else without it. */
export function readRelabelRules(
  list: "metric_relabel_configs" | "relabel_configs",
  values: Pick<SeriesValues, typeof list | "relabel_flavour">,
  at: Reading,
): readonly RelabelRule[] {
  const checks = { flavour: values.relabel_flavour, names: "utf8" } as const;
  const here = at.child(list);
  return values[list].flatMap((raw, index) => {
    const read = checkedRule(raw, checks);
    if (read.kind === "rule") {
      return [read.rule];
    }
    here.element(index).error(`rule ${index + 1}: ${read.message}`);
    return [];
  });
}

/**
 * A rule under the keys it was read from, as it may be shown; what has its default is left out. What becomes a parameter of a
 * URL may be a token.
 */
export function ruleAsKeys(rule: RelabelRule): Record<string, unknown> {
  const keys = {
    if: rule.if,
    action: rule.action,
    source_labels: rule.sourceLabels.length > 0 ? rule.sourceLabels : undefined,
    separator: rule.separator,
    target_label: rule.targetLabel === "" ? undefined : rule.targetLabel,
    regex: rule.regex,
    modulus: rule.modulus === 0 ? undefined : rule.modulus,
    replacement: rule.targetLabel.startsWith("__param_") ? "***" : rule.replacement,
    match: rule.match,
    labels: rule.labels,
  };
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined));
}

/** The keys of an input's series part. */
export function seriesAsKeys(series: InputSeries | undefined): Record<string, unknown> {
  return series === undefined
    ? {}
    : {
        metric_relabel_configs: series.metricRelabel.map(ruleAsKeys),
        relabel_configs: series.targetRelabel.map(ruleAsKeys),
        relabel_flavour: series.flavour,
        relabel_config_file: series.relabelFile?.path,
        honor_labels: series.honorLabels,
        sample_limit: series.limits.samples,
        label_limit: series.limits.labels,
        label_name_length_limit: series.limits.labelNameBytes,
        label_value_length_limit: series.limits.labelValueBytes,
        series_limit: series.limits.series,
      };
}
