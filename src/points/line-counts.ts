import type { LineFault } from "../exposition/line-fault.ts";
import type { FilterRule } from "../rules/filter-rule.ts";

/** Why a well-formed sample makes no point although no rule filtered it. */
export type DropReason =
  | "not_finite"
  | "no_field"
  | "series_key_too_long"
  | "series_limit"
  | "info";

/**
 * Where every line of one page went. The ledger: lines = blank + comments + samples + malformed
 * lines, and samples = sent + filtered + dropped.
 */
export interface LineCounts {
  lines: number;
  blank: number;
  comments: number;
  /** Well-formed sample lines. */
  samples: number;
  /** Samples that are in points. */
  sent: number;
  /** Lines of line protocol written. */
  points: number;
  /**
   * Of these, those that carry the time of the scrape in place of their own, which is too far from
   * it.
   */
  timesCorrected: number;
  filtered: Record<FilterRule, number>;
  dropped: Record<DropReason, number>;
  malformed: Partial<Record<LineFault, number>>;
}

export function noLines(): LineCounts {
  return {
    lines: 0,
    blank: 0,
    comments: 0,
    samples: 0,
    sent: 0,
    points: 0,
    timesCorrected: 0,
    filtered: {
      metric_types: 0,
      metric_name_filter: 0,
      metric_name_filter_ignore: 0,
      metric_relabel_configs: 0,
    },
    dropped: { not_finite: 0, no_field: 0, series_key_too_long: 0, series_limit: 0, info: 0 },
    malformed: {},
  };
}

export function malformedLines(counts: LineCounts): number {
  return Object.values(counts.malformed).reduce((sum, count) => sum + count, 0);
}
