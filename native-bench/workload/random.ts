/** A seeded generator (mulberry32): the same seed gives the same pages on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(list: readonly T[]): T {
    const chosen = list[this.below(list.length)];
    if (chosen === undefined) {
      throw new Error("nothing to pick from");
    }
    return chosen;
  }

  /** Lower-case letters and digits, as the ends of pod names are. */
  text(length: number): string {
    let text = "";
    for (let at = 0; at < length; at++) {
      text += this.pick(TOKEN_CHARACTERS);
    }
    return text;
  }

  hex(length: number): string {
    let text = "";
    for (let at = 0; at < length; at++) {
      text += this.below(16).toString(16);
    }
    return text;
  }

  /** A generator of its own for a part of the work, independent of how much the others draw. */
  fork(): Random {
    return new Random(this.below(0x1_0000_0000));
  }
}

/** The alphabet of Kubernetes' generated names: no vowels, no look-alikes. */
const TOKEN_CHARACTERS = [..."bcdfghjklmnpqrstvwxz2456789"];
