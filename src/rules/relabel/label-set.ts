import type { RelabelFlavour } from "./relabel-rule.ts";

export type Label = readonly [name: string, value: string];

/**
 * The labels of one series while rules work on it, the metric's name among them as `__name__`. A
 * name stands there once. In Prometheus' flavour a label without a value does not exist, and labels
 * that were written come behind those that were not, which is the order in which `labelmap` sees
 * them.
 */
export class LabelSet {
  readonly #keepsEmpty: boolean;
  readonly #names: string[];
  readonly #values: string[];
  /** How many at the front were not written to; only told apart in Prometheus' flavour. */
  #untouched: number;

  constructor(labels: Iterable<Label>, flavour: RelabelFlavour) {
    this.#keepsEmpty = flavour === "vmagent";
    const unique = [...new Map(labels)].filter(([, value]) => this.#keepsEmpty || value !== "");
    if (!this.#keepsEmpty) {
      unique.sort(([left], [right]) => (left < right ? -1 : 1));
    }
    this.#names = unique.map(([name]) => name);
    this.#values = unique.map(([, value]) => value);
    this.#untouched = this.#keepsEmpty ? 0 : unique.length;
  }

  get size(): number {
    return this.#names.length;
  }

  /** Empty where there is none. */
  get(name: string): string {
    const at = this.#names.indexOf(name);
    return at === -1 ? "" : (this.#values[at] as string);
  }

  set(name: string, value: string): void {
    if (value === "" && !this.#keepsEmpty) {
      this.remove(name);
      return;
    }
    const at = this.#names.indexOf(name);
    if (at >= this.#untouched) {
      this.#values[at] = value;
      return;
    }
    if (at !== -1) {
      this.#removeAt(at);
    }
    this.#names.push(name);
    this.#values.push(value);
  }

  remove(name: string): void {
    const at = this.#names.indexOf(name);
    if (at !== -1) {
      this.#removeAt(at);
    }
  }

  /**
   * Gives the label at a place (as `labels` counts them) another name; a label that has it already
   * goes.
   */
  rename(from: string, to: string): void {
    const at = this.#names.indexOf(from);
    if (at === -1 || from === to) {
      return;
    }
    const taken = this.#names.indexOf(to);
    this.#names[at] = to;
    if (taken !== -1) {
      this.#removeAt(taken);
    }
  }

  /** What remains when all rules are done. */
  dropEmpty(): void {
    for (let at = this.#names.length - 1; at >= 0; at--) {
      if (this.#names[at] === "" || this.#values[at] === "") {
        this.#removeAt(at);
      }
    }
  }

  names(): readonly string[] {
    return [...this.#names];
  }

  labels(): Label[] {
    return this.#names.map((name, at) => [name, this.#values[at] as string]);
  }

  #removeAt(at: number): void {
    this.#names.splice(at, 1);
    this.#values.splice(at, 1);
    if (at < this.#untouched) {
      this.#untouched--;
    }
  }
}
