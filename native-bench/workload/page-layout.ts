import type { NumberStyle } from "./value-text.ts";

/**
 * What a sample's value does from scrape to scrape. `bucket`, `sum` and `count` are the parts of a histogram whose lines
 * follow one another; `nan` is a summary's quantile without observations.
 */
export type Behaviour =
  | "constant"
  | "counter"
  | "gauge"
  | "seconds"
  | "bucket"
  | "sum"
  | "count"
  | "nan";

export const BEHAVIOURS: readonly Behaviour[] = [
  "constant",
  "counter",
  "gauge",
  "seconds",
  "bucket",
  "sum",
  "count",
  "nan",
];

/** Bytes of a generated text that churn replaces. */
export const TOKEN_BYTES = 5;

/**
 * A page without its values, as columns: line i is `text[ends[i - 1], ends[i])`, which holds the comments in front of it, the
 * series and one blank, then its value and a line end. A group is lines in a row that move together, one label set of a family
 * say; a unit is groups that churn replaces together, that label set in all families.
 */
export interface PageLayout {
  readonly text: Buffer;
  readonly ends: Uint32Array;
  /** Index into `BEHAVIOURS`. */
  readonly behaviours: Uint8Array;
  /** Of a bucket: its place in the histogram. */
  readonly ordinals: Uint8Array;
  readonly values: Float64Array;
  /** First line of each group; one more than there are groups. */
  readonly groups: Uint32Array;
  /** Groups of each unit. */
  readonly units: readonly (readonly number[])[];
  /** Offset in `text` of the bytes that churn replaces; 0 where there are none. */
  readonly tokens: Uint32Array;
  readonly style: NumberStyle;
  /** Share of the groups that move from one scrape to the next. */
  readonly moving: number;
  /** Sample lines that the workload's filter keeps. */
  readonly kept: number;
  /** Their names, once each. */
  readonly keptNames: readonly string[];
}

export function lineCount(layout: PageLayout): number {
  return layout.ends.length;
}
