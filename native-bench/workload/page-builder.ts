import type { NameFilter } from "./name-filter.ts";
import { keepsSample } from "./name-filter.ts";
import { BEHAVIOURS, type Behaviour, type PageLayout } from "./page-layout.ts";
import type { NumberStyle } from "./value-text.ts";

const FIRST_BYTES = 64 * 1024;

export interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram" | "summary" | "untyped";
  readonly help?: string;
}

/** Writes a page line by line and keeps it as columns. */
export class PageBuilder {
  readonly #style: NumberStyle;
  readonly #filter: NameFilter | undefined;
  #text = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;
  #ends: number[] = [];
  #behaviours: number[] = [];
  #ordinals: number[] = [];
  #values: number[] = [];
  #groups: number[] = [];
  #tokens: number[] = [];
  #units = new Map<string, number[]>();
  #token = "";
  #kept = 0;
  #keptNames = new Set<string>();
  #keeps = new Map<string, boolean>();
  #family: Family = { name: "", type: "untyped" };

  constructor(style: NumberStyle, filter: NameFilter | undefined) {
    this.#style = style;
    this.#filter = filter;
  }

  get lines(): number {
    return this.#ends.length;
  }

  /** Bytes of the page so far, values taken as `valueBytes` long. */
  bytes(valueBytes: number): number {
    return this.#length + this.#ends.length * (valueBytes + 1);
  }

  /** What follows belongs to `family`; its comments are written. */
  family(family: Family): void {
    this.#family = family;
    this.#keeps.clear();
    if (family.help !== undefined) {
      this.#put(`# HELP ${family.name} ${family.help}\n`);
    }
    this.#put(`# TYPE ${family.name} ${family.type}\n`);
  }

  /**
   * What follows moves together. Where `token` is given it stands behind a hyphen in each series that follows, and churn
   * replaces it in all groups of the same token.
   */
  group(token = ""): void {
    const group = this.#groups.length;
    this.#groups.push(this.#ends.length);
    this.#token = token;
    if (token !== "") {
      const unit = this.#units.get(token);
      this.#units.set(token, unit === undefined ? [group] : [...unit, group]);
    }
  }

  /** A sample of the current family: `suffix` and `labels` (`a="b",c="d"`) make its series. */
  sample(suffix: string, labels: string, behaviour: Behaviour, value: number, ordinal = 0): void {
    const name = this.#family.name + suffix;
    const series = labels === "" ? name : `${name}{${labels}}`;
    const start = this.#length;
    this.#put(`${series} `);
    const token = this.#token === "" ? -1 : series.indexOf(`-${this.#token}`);
    this.#ends.push(this.#length);
    this.#tokens.push(token < 0 ? 0 : start + token + 1);
    this.#behaviours.push(BEHAVIOURS.indexOf(behaviour));
    this.#ordinals.push(ordinal);
    this.#values.push(value);
    this.#kept += this.#isKept(name) ? 1 : 0;
  }

  /** `moving`: the share of the groups that move at each scrape. */
  build(moving: number): PageLayout {
    return {
      text: this.#text.subarray(0, this.#length),
      ends: Uint32Array.from(this.#ends),
      behaviours: Uint8Array.from(this.#behaviours),
      ordinals: Uint8Array.from(this.#ordinals),
      values: Float64Array.from(this.#values),
      groups: withEnd(this.#groups, this.#ends.length),
      units: [...this.#units.values()],
      tokens: Uint32Array.from(this.#tokens),
      style: this.#style,
      moving,
      kept: this.#kept,
      keptNames: [...this.#keptNames],
    };
  }

  #isKept(name: string): boolean {
    const known = this.#keeps.get(name);
    if (known !== undefined) {
      return known;
    }
    const keeps = keepsSample(this.#filter, this.#family, name);
    this.#keeps.set(name, keeps);
    if (keeps) {
      this.#keptNames.add(name);
    }
    return keeps;
  }

  #put(text: string): void {
    if (this.#length + text.length > this.#text.length) {
      const grown = Buffer.allocUnsafe(Math.max(2 * this.#text.length, this.#length + text.length));
      this.#text.copy(grown, 0, 0, this.#length);
      this.#text = grown;
    }
    this.#length += this.#text.write(text, this.#length, "latin1");
  }
}

function withEnd(starts: readonly number[], end: number): Uint32Array {
  const all = new Uint32Array(starts.length + 1);
  all.set(starts);
  all[starts.length] = end;
  return all;
}
