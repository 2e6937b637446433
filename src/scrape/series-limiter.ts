import type { Label } from "../rules/relabel/label-set.ts";
import type { SeriesLimits } from "../rules/relabel/series-config.ts";
import type { PageStop } from "./page-sink.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** `drop`: this sample only. A stop ends the page there. */
export type LimitVerdict = "within" | "drop" | PageStop;

/** Holds the samples of one target within what is declared, after relabeling. */
export class SeriesLimiter {
  readonly #limits: SeriesLimits;
  readonly #seen = new Set<string>();
  #seenSinceMs = Number.NEGATIVE_INFINITY;
  #samples = 0;

  constructor(limits: SeriesLimits) {
    this.#limits = limits;
  }

  /** A page begins, at Unix milliseconds. */
  begin(atMs: number): void {
    this.#samples = 0;
    if (atMs - this.#seenSinceMs >= DAY_MS) {
      this.#seen.clear();
      this.#seenSinceMs = atMs;
    }
  }

  judge(labels: readonly Label[]): LimitVerdict {
    const limits = this.#limits;
    if (limits.samples > 0 && this.#samples >= limits.samples) {
      return "sample_limit";
    }
    const stop = this.#labelStop(labels);
    if (stop !== undefined) {
      return stop;
    }
    if (limits.series > 0 && !this.#isKnown(labels)) {
      return "drop";
    }
    this.#samples++;
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
