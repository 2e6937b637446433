/** Which declared rule kept a sample out. Literal names: they are metric labels and stable. */
export type FilterRule =
  | "metric_types"
  | "metric_name_filter"
  | "metric_name_filter_ignore"
  | "metric_relabel_configs";
