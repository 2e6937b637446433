import {
  BEHAVIOURS,
  type Behaviour,
  lineCount,
  type PageLayout,
  TOKEN_BYTES,
} from "./page-layout.ts";
import { Random } from "./random.ts";
import { writeValue } from "./value-text.ts";

const LINE_FEED = 0x0a;
/** Room for a value and its line end. */
const VALUE_ROOM = 40;
/** Observations that one move of a histogram adds, at most. */
const MAX_OBSERVATIONS = 40;

/**
 * One target's page: moves its values from scrape to scrape (counters grow, gauges wiggle, the rest stays) and writes it in
 * chunks. Determined by layout, seed and number of moves. The layout's text and values are changed in place.
 */
export class PageState {
  readonly #layout: PageLayout;
  readonly #random: Random;
  /** Share of the series replaced at each move. */
  readonly #churn: number;
  #owed = 0;
  #nextReplaced = 0;

  constructor(layout: PageLayout, seed: number, churn: number) {
    this.#layout = layout;
    this.#random = new Random(seed);
    this.#churn = churn;
  }

  get samples(): number {
    return lineCount(this.#layout);
  }

  get kept(): number {
    return this.#layout.kept;
  }

  /** Time passes to the next scrape. */
  move(): void {
    const { groups, moving } = this.#layout;
    for (let group = 0; group + 1 < groups.length; group++) {
      if (this.#random.next() < moving) {
        this.#moveGroup(at(groups, group), at(groups, group + 1));
      }
    }
    this.#owed += this.#churn * this.samples;
    this.#replaceOwed();
  }

  /** The page in chunks of at most `chunkBytes` plus one line. Each chunk is the caller's. */
  *chunks(chunkBytes: number, buffer: () => Buffer): Generator<Buffer> {
    const { text, ends, values, style } = this.#layout;
    let chunk = buffer();
    let to = 0;
    let from = 0;
    for (let line = 0; line < ends.length; line++) {
      const end = at(ends, line);
      if (to + end - from + VALUE_ROOM > chunk.length && to > 0) {
        yield chunk.subarray(0, to);
        chunk = buffer();
        to = 0;
      }
      to += text.copy(chunk, to, from, end);
      to = writeValue(chunk, to, at(values, line), style);
      chunk[to++] = LINE_FEED;
      from = end;
      if (to >= chunkBytes) {
        yield chunk.subarray(0, to);
        chunk = buffer();
        to = 0;
      }
    }
    if (to > 0) {
      yield chunk.subarray(0, to);
    }
  }

  #moveGroup(first: number, end: number): void {
    const { behaviours, ordinals, values } = this.#layout;
    const random = this.#random;
    const observations = 1 + random.below(MAX_OBSERVATIONS);
    let bucket = 0;
    for (let line = first; line < end; line++) {
      const value = at(values, line);
      const behaviour = BEHAVIOURS[at(behaviours, line)] as Behaviour;
      if (behaviour === "bucket" && at(ordinals, line) === 0) {
        // The low buckets stay empty: few requests are that fast or that small.
        bucket = 4 + random.below(12);
      }
      const ordinal = at(ordinals, line);
      values[line] = moved(behaviour, value, { observations, bucket, ordinal, random });
    }
  }

  /** Pays what churn owes: units in turn get a new name and start again at small counts. */
  #replaceOwed(): void {
    const { units, groups } = this.#layout;
    while (this.#owed > 0 && units.length > 0) {
      const unit = units[this.#nextReplaced++ % units.length] ?? [];
      const token = this.#random.text(TOKEN_BYTES);
      for (const group of unit) {
        const first = at(groups, group);
        const end = at(groups, group + 1);
        this.#replace(first, end, token);
        this.#owed -= end - first;
      }
    }
  }

  #replace(first: number, end: number, token: string): void {
    const { text, tokens, values } = this.#layout;
    for (let line = first; line < end; line++) {
      text.write(token, at(tokens, line), "latin1");
      values[line] = 0;
    }
    this.#moveGroup(first, end);
  }
}

interface Move {
  readonly observations: number;
  readonly bucket: number;
  readonly ordinal: number;
  readonly random: Random;
}

function moved(behaviour: Behaviour, value: number, move: Move): number {
  const { observations, bucket, ordinal, random } = move;
  switch (behaviour) {
    case "constant":
    case "nan":
      return value;
    case "counter":
    case "count":
      return value + observations;
    case "bucket":
      return ordinal >= bucket ? value + observations : value;
    case "sum":
      return Math.round((value + observations * 2 ** (bucket / 2 + 1)) * 10) / 10;
    case "gauge":
      return Math.max(0, value + random.below(21) - 10);
    case "seconds":
      return Math.round((value + random.next() * 5) * 100) / 100;
  }
}

function at(column: Uint8Array | Uint32Array | Float64Array, index: number): number {
  return column[index] as number;
}
