/** Prometheus' actions, and those that vmagent adds. */
export const RELABEL_ACTIONS = [
  "replace",
  "keep",
  "drop",
  "keepequal",
  "dropequal",
  "hashmod",
  "labelmap",
  "labeldrop",
  "labelkeep",
  "lowercase",
  "uppercase",
  "replace_all",
  "labelmap_all",
  "keep_if_equal",
  "drop_if_equal",
  "keep_if_contains",
  "drop_if_contains",
  "keep_metrics",
  "drop_metrics",
  "graphite",
] as const;

export type RelabelAction = (typeof RELABEL_ACTIONS)[number];

/**
 * Whose rules they are. Both know all actions; they differ where the two programs give different
 * labels for the same rule:
 *
 * | | prometheus | vmagent |
 * | --- | --- | --- |
 * | `hashmod` | MD5, its last 8 bytes | xxHash64 |
 * | a label set to nothing | is gone at once | is gone after the last rule |
 * | no label is left | the rules go on | dropped at once |
 * | `labelmap` | sees the labels as they were before it | sees what it wrote itself |
 * | a name made by `target_label` that cannot be one | the rule does nothing | is taken as it is |
 */
export type RelabelFlavour = "prometheus" | "vmagent";

/**
 * One rule as it was written: plain data that crosses the thread boundary. What is absent has the
 * default.
 */
export interface RelabelRule {
  readonly action: RelabelAction;
  readonly sourceLabels: readonly string[];
  /** Between the values of the source labels; absent: `;`. */
  readonly separator?: string;
  /** Empty where the action has none. */
  readonly targetLabel: string;
  /** RE2; a list is joined with `|`. Absent: everything. */
  readonly regex?: string;
  /** Of `hashmod`; 0 where there is none. */
  readonly modulus: number;
  /** Absent: `$1`. */
  readonly replacement?: string;
  /** Series selectors, one of which has to match. */
  readonly if?: readonly string[];
  /** Of `graphite`: the name's template, and label to template of its value. */
  readonly match?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export const DEFAULT_SEPARATOR = ";";
export const DEFAULT_REPLACEMENT = "$1";
export const NAME_LABEL = "__name__";

/** Prometheus and its Go maps compare the pattern's text to know that it is the default. */
export const DEFAULT_REGEX = "(.*)";
