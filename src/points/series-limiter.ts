import type { PageStop } from "../page-sink.ts";
import type { Label } from "../rules/relabel/label-set.ts";
import type { SeriesLimits } from "../rules/relabel/series-config.ts";
import { DAY } from "../units.ts";
import type { LineCounts } from "./line-counts.ts";

/** `drop`: this sample only. A stop ends the page there. */
export type LimitVerdict = "within" | "drop" | PageStop;

/** Holds the samples of one target within what is declared, after relabeling. */
export class SeriesLimiter {
  readonly #limits: SeriesLimits;
  readonly #seen = new Set<string>();
  #seenSinceMs = Number.NEGATIVE_INFINITY;
  /** This page began a new day: series are counted anew. */
  forgot = false;

  constructor(limits: SeriesLimits) {
    this.#limits = limits;
  }

  /** A page begins, at Unix milliseconds. */
  begin(atMs: number): void {
    this.forgot = atMs - this.#seenSinceMs >= DAY;
    if (this.forgot) {
      this.#seen.clear();
      this.#seenSinceMs = atMs;
    }
  }

  /** Samples that may still come, after the `counts` of the page so far. */
  samplesLeft({ samples, filtered, dropped }: LineCounts): number {
    if (this.#limits.samples === 0) {
      return Number.POSITIVE_INFINITY;
    }
    const filteredSamples = Object.values(filtered).reduce((sum, count) => sum + count, 0);
    return this.#limits.samples - (samples - filteredSamples - dropped.series_limit);
  }

  /** `counts`: of the page, this sample included. */
  judge(labels: readonly Label[], counts: LineCounts): LimitVerdict {
    const limits = this.#limits;
    if (this.samplesLeft(counts) < 0) {
      return "sample_limit";
    }
    const stop = this.#labelStop(labels);
    if (stop !== undefined) {
      return stop;
    }
    if (limits.series > 0 && !this.#isKnown(labels)) {
      return "drop";
    }
    return "within";
  }

  #labelStop(labels: readonly Label[]): PageStop | undefined {
    const { labels: most, labelNameBytes, labelValueBytes } = this.#limits;
    if (most > 0 && labels.length > most) {
      return "label_limit";
    }
    if (labelNameBytes > 0 && labels.some(([name]) => isLonger(name, labelNameBytes))) {
      return "label_name_length_limit";
    }
    return labelValueBytes > 0 && labels.some(([, value]) => isLonger(value, labelValueBytes))
      ? "label_value_length_limit"
      : undefined;
  }

  /** Remembers a series while there is room. */
  #isKnown(labels: readonly Label[]): boolean {
    const series = JSON.stringify(labels.toSorted(([left], [right]) => (left < right ? -1 : 1)));
    if (this.#seen.has(series)) {
      return true;
    }
    if (this.#seen.size >= this.#limits.series) {
      return false;
    }
    this.#seen.add(series);
    return true;
  }
}

/** In UTF-8 bytes. */
function isLonger(text: string, bytes: number): boolean {
  // No character takes more than three bytes for each of its UTF-16 units.
  return text.length > bytes || (3 * text.length > bytes && Buffer.byteLength(text) > bytes);
}
