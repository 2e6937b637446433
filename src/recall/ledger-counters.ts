import type { DropReason, LineCounts } from "../points/line-counts.ts";
import type { FilterRule } from "../rules/filter-rule.ts";

/** The number of a reason why a sample makes no point; it fits into a record. */
export type Counter = number;

/** Numbers the reasons why samples are filtered or dropped. */
export class LedgerCounters {
  readonly #filtered: readonly (keyof LineCounts["filtered"])[];
  readonly #dropped: readonly (keyof LineCounts["dropped"])[];
  readonly #names: readonly (FilterRule | DropReason)[];
  readonly size: number;
  readonly info: Counter;
  readonly notFinite: Counter;

  constructor(counts: LineCounts) {
    this.#filtered = Object.keys(counts.filtered) as (keyof LineCounts["filtered"])[];
    this.#dropped = Object.keys(counts.dropped) as (keyof LineCounts["dropped"])[];
    this.size = this.#filtered.length + this.#dropped.length;
    this.#names = [...this.#filtered, ...this.#dropped];
    this.info = this.#filtered.length + this.#dropped.indexOf("info");
    this.notFinite = this.#filtered.length + this.#dropped.indexOf("not_finite");
  }

  /** -1: no reason. */
  of(reason: FilterRule | DropReason | undefined): Counter {
    return reason === undefined ? -1 : this.#names.indexOf(reason);
  }

  add(counts: LineCounts, counter: Counter, samples: number): void {
    const at = counter - this.#filtered.length;
    if (at < 0) {
      counts.filtered[this.#filtered[counter] as keyof LineCounts["filtered"]] += samples;
    } else {
      counts.dropped[this.#dropped[at] as keyof LineCounts["dropped"]] += samples;
    }
  }
}
