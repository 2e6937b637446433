/** Half of a `_sum`/`_count` pair that waits for the other. */
export interface HeldHalf {
  readonly part: "sum" | "count";
  /** Field key and value as they stand in the output. */
  readonly field: Uint8Array;
  readonly value: string;
}

/** Characters of series keys that wait for their other half. */
const MAX_HELD_CHARACTERS = 1024 * 1024;
/**
 * What one that waits costs besides. It keeps them below 4096: a name that comes and goes leaves as many holes in V8's map,
 * and each access to it walks through them.
 */
const HELD_OVERHEAD = 256;

/**
 * Joins `_sum` and `_count` of one label set into one point, as DataKit does, in whatever order they come. Exporters
 * write them next to each other, so it holds one half as a rule; what is still alone at the end of the page, or too many,
 * becomes a point of its own. A missing half is never invented.
 */
export class PairHolder {
  readonly #held = new Map<string, HeldHalf>();
  #characters = 0;

  /**
   * The other half of `half`, which is let go; or undefined, and `half` waits. The same half twice (a duplicate series)
   * is answered too: both are points then.
   */
  match(seriesKey: string, half: HeldHalf): HeldHalf | undefined {
    const held = this.#held.get(seriesKey);
    if (held === undefined) {
      this.#held.set(seriesKey, half);
      this.#characters += seriesKey.length + HELD_OVERHEAD;
    } else if (held.part === half.part) {
      this.#held.set(seriesKey, half);
    } else {
      this.#letGo(seriesKey);
    }
    return held;
  }

  /** The longest held half where there are too many; it is let go. */
  overflow(): readonly [seriesKey: string, HeldHalf] | undefined {
    if (this.#characters <= MAX_HELD_CHARACTERS) {
      return undefined;
    }
    const oldest = this.#held.entries().next().value;
    if (oldest !== undefined) {
      this.#letGo(oldest[0]);
    }
    return oldest;
  }

  /** Lets everything go. */
  drain(): (readonly [seriesKey: string, HeldHalf])[] {
    const all = [...this.#held];
    this.#held.clear();
    this.#characters = 0;
    return all;
  }

  #letGo(seriesKey: string): void {
    this.#held.delete(seriesKey);
    this.#characters -= seriesKey.length + HELD_OVERHEAD;
  }
}
