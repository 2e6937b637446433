import type { RelabelFlavour } from "../../rules/relabel/relabel-rule.ts";
import type { Reading } from "../language/reading.ts";
import { isTable, key, optional, type ValueType } from "../language/schema.ts";
import { boolean, integer, oneOf, string } from "../language/value-types.ts";

type RawRule = Readonly<Record<string, unknown>>;

/** Rules as they stand; `readRelabelRules` checks them, because the flavour decides what is allowed. */
const rawRules: ValueType<readonly RawRule[]> = {
  name: "list of relabel rules",
  read: (raw: unknown, at: Reading) =>
    Array.isArray(raw) && raw.every(isTable)
      ? raw
      : at.error("must be a list of tables, each written as [[…]] or in braces"),
};

const flavour: ValueType<RelabelFlavour> = oneOf(["prometheus", "vmagent"]);

/** Keys that inputs and the agent have in common. */
export const relabelRuleKeys = {
  metric_relabel_configs: key(
    rawRules,
    [],
    "Relabel rules for samples, with the keys and actions of Prometheus and vmagent (docs/relabeling.md).",
  ),
  relabel_configs: key(
    rawRules,
    [],
    "The same for targets, before they are scraped: `__address__`, `__metrics_path__`, `__param_…` and the like.",
  ),
  relabel_flavour: key(
    flavour,
    "prometheus",
    "Whose rules they are, where the two differ: `prometheus` or `vmagent`.",
  ),
} as const;

/** What an input says about series as a whole. */
export const seriesSchema = {
  ...relabelRuleKeys,
  relabel_config_file: optional(
    string,
    "YAML file with more rules in Prometheus' syntax, after those of the table: a list for samples, or both lists under their names. Only in conf.d.",
  ),
  scrape_series: key(
    boolean,
    false,
    "Points about each scrape beside `up`: `scrape_duration_seconds`, `scrape_samples_scraped` and others.",
  ),
  honor_labels: key(
    boolean,
    true,
    "A label wins over a tag of the same name that the target adds. `false`: the label becomes `exported_…`.",
  ),
  sample_limit: key(integer(0), 0, "Samples after relabeling; more end the scrape. 0: no limit."),
  label_limit: key(integer(0), 0, "Labels of a sample; more end the scrape. 0: no limit."),
  label_name_length_limit: key(
    integer(0, undefined, "bytes"),
    0,
    "Name of a label; a longer one ends the scrape. 0: no limit.",
  ),
  label_value_length_limit: key(
    integer(0, undefined, "bytes"),
    0,
    "Value of a label; a longer one ends the scrape. 0: no limit.",
  ),
  series_limit: key(
    integer(0),
    0,
    "Distinct series of a target within a day; samples of more are dropped. 0: no limit.",
  ),
} as const;
