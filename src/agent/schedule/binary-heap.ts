/** Values in the order of a number; among equals any order. Adding and taking cost log n. */
export class BinaryHeap<T> {
  readonly #rankOf: (value: T) => number;
  #values: T[] = [];

  constructor(rankOf: (value: T) => number) {
    this.#rankOf = rankOf;
  }

  get size(): number {
    return this.#values.length;
  }

  /** The value of the lowest rank. */
  peek(): T | undefined {
    return this.#values[0];
  }

  push(value: T): void {
    const values = this.#values;
    const rank = this.#rankOf(value);
    let hole = values.length;
    values.push(value);
    while (hole > 0) {
      const parentAt = (hole - 1) >> 1;
      const parent = values[parentAt];
      if (parent === undefined || this.#rankOf(parent) <= rank) break;
      values[hole] = parent;
      hole = parentAt;
    }
    values[hole] = value;
  }

  /** Takes out the value of the lowest rank. */
  pop(): T | undefined {
    const first = this.#values[0];
    const last = this.#values.pop();
    if (last !== undefined && this.#values.length > 0) this.#sink(last);
    return first;
  }

  /** Puts other values in the place of all, at the cost of n log n. */
  replace(values: Iterable<T>): void {
    this.#values = [];
    for (const value of values) this.push(value);
  }

  /** Moves the hole at the top down to where `value` belongs. */
  #sink(value: T): void {
    const values = this.#values;
    const rank = this.#rankOf(value);
    let hole = 0;
    for (;;) {
      const childAt = this.#lowerChild(hole);
      const child = values[childAt];
      if (child === undefined || this.#rankOf(child) >= rank) break;
      values[hole] = child;
      hole = childAt;
    }
    values[hole] = value;
  }

  #lowerChild(parentAt: number): number {
    const leftAt = 2 * parentAt + 1;
    const left = this.#values[leftAt];
    const right = this.#values[leftAt + 1];
    if (left === undefined || right === undefined) return leftAt;
    return this.#rankOf(right) < this.#rankOf(left) ? leftAt + 1 : leftAt;
  }
}
