import type { RelabelConfig } from "./relabel-program.ts";

/**
 * What is declared about whole series, name and labels together. Plain data: it crosses the thread
 * boundary.
 */
export interface SeriesConfig {
  /** Lists of rules, one after the other: those of the input, of its file, of the agent. */
  readonly relabel: readonly RelabelConfig[];
  /**
   * False: where a label has the name of a tag that the target adds, the label becomes `exported_…`
   * and the tag stays.
   */
  readonly honorLabels: boolean;
  readonly limits: SeriesLimits;
}

/** Bounds that hold after relabeling, as in Prometheus; 0: none. */
export interface SeriesLimits {
  /** Samples of a scrape. */
  readonly samples: number;
  /** Labels of a sample, its name among them. */
  readonly labels: number;
  /** Characters of a label's name and value in UTF-8 bytes. */
  readonly labelNameBytes: number;
  readonly labelValueBytes: number;
  /**
   * Distinct series of a target within a day; what is beyond is dropped, the rest of the page is
   * kept.
   */
  readonly series: number;
}

export const NO_SERIES_LIMITS: SeriesLimits = {
  samples: 0,
  labels: 0,
  labelNameBytes: 0,
  labelValueBytes: 0,
  series: 0,
};
