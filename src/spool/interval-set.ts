/** Whole numbers from `first` to `last`, both included. */
export interface Interval {
  readonly first: number;
  readonly last: number;
}

/** A set of whole numbers as disjoint intervals in order, none of which touch. */
export class IntervalSet {
  #intervals: Interval[] = [];

  get intervals(): readonly Interval[] {
    return this.#intervals;
  }

  /** The greatest number; 0 where there is none. */
  get last(): number {
    return this.#intervals.at(-1)?.last ?? 0;
  }

  add({ first, last }: Interval): void {
    const from = this.#indexFrom(first - 1);
    let to = from;
    let low = first;
    let high = last;
    for (let next = this.#intervals[to]; next !== undefined && next.first <= last + 1; ) {
      low = Math.min(low, next.first);
      high = Math.max(high, next.last);
      to += 1;
      next = this.#intervals[to];
    }
    this.#intervals.splice(from, to - from, { first: low, last: high });
  }

  /** What of the interval is not in the set, in order. */
  gapsIn({ first, last }: Interval): Interval[] {
    const gaps: Interval[] = [];
    let from = first;
    for (let index = this.#indexFrom(first); from <= last; index += 1) {
      const next = this.#intervals[index];
      if (next === undefined || next.first > last) {
        gaps.push({ first: from, last });
        break;
      }
      if (next.first > from) {
        gaps.push({ first: from, last: next.first - 1 });
      }
      from = next.last + 1;
    }
    return gaps;
  }

  /** Forgets numbers below `least`, but for the greatest of the set. */
  forgetBelow(least: number): void {
    const keep = this.#intervals.at(-1);
    this.#intervals = this.#intervals.filter((one) => one === keep || one.last >= least);
  }

  /** Index of the first interval that ends at `number` or later. */
  #indexFrom(number: number): number {
    let low = 0;
    let high = this.#intervals.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#intervals[middle]?.last ?? 0) < number) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
