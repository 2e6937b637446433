import type { LineCounts } from "./line-counts.ts";

/** A reason for which a sample makes no point, as a number that fits a record. */
export type Counter = number;

/** The filtered and dropped samples of a page as one row of numbers. */
export class LedgerCounters {
  readonly #filtered: readonly (keyof LineCounts["filtered"])[];
  readonly #dropped: readonly (keyof LineCounts["dropped"])[];
  readonly #before: Float64Array;
  readonly size: number;
  readonly info: Counter;
  readonly notFinite: Counter;

  constructor(counts: LineCounts) {
    this.#filtered = Object.keys(counts.filtered) as (keyof LineCounts["filtered"])[];
    this.#dropped = Object.keys(counts.dropped) as (keyof LineCounts["dropped"])[];
    this.size = this.#filtered.length + this.#dropped.length;
    this.#before = new Float64Array(this.size);
    this.info = this.#filtered.length + this.#dropped.indexOf("info");
    this.notFinite = this.#filtered.length + this.#dropped.indexOf("not_finite");
  }

  mark(counts: LineCounts): void {
    for (let counter = 0; counter < this.size; counter++) {
      this.#before[counter] = this.#value(counts, counter);
    }
  }

  /** The one counted since `mark`, -1 where none was. */
  changed(counts: LineCounts): Counter {
    for (let counter = 0; counter < this.size; counter++) {
      if (this.#value(counts, counter) !== this.#before[counter]) {
        return counter;
      }
    }
    return -1;
  }

  add(counts: LineCounts, counter: Counter, samples: number): void {
    const at = counter - this.#filtered.length;
    if (at < 0) {
      counts.filtered[this.#filtered[counter] as keyof LineCounts["filtered"]] += samples;
    } else {
      counts.dropped[this.#dropped[at] as keyof LineCounts["dropped"]] += samples;
    }
  }

  #value(counts: LineCounts, counter: Counter): number {
    const at = counter - this.#filtered.length;
    return at < 0
      ? counts.filtered[this.#filtered[counter] as keyof LineCounts["filtered"]]
      : counts.dropped[this.#dropped[at] as keyof LineCounts["dropped"]];
  }
}
