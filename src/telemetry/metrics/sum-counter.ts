import Counter from "prom-client/lib/counter.js";
import type Registry from "prom-client/lib/registry.js";

interface Sum<Values> {
  readonly values: Values;
  amount: number;
}

/**
 * A counter that adds up here and tells prom-client when the page is read: each `inc` there checks the labels and joins all of
 * them to a text, which was a tenth of what the main thread allocated. A sum begins with the first `add`, be it of 0; without
 * labels it is there from the start. `Values` are the values of the labels.
 */
export class SumCounter<Values extends readonly string[] = []> {
  readonly #sums = new Map<string, Sum<Values>>();

  constructor(
    name: string,
    help: string,
    labelNames: { readonly [Index in keyof Values]: string },
    registers: Registry[],
  ) {
    const sums = this.#sums;
    new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers,
      collect() {
        this.reset();
        for (const { values, amount } of sums.values()) {
          this.labels(...values).inc(amount);
        }
      },
    });
  }

  /** Neither negative nor infinite. */
  add(amount: number, ...values: Values): void {
    const key = values.length === 1 ? (values[0] ?? "") : values.join("\0");
    const sum = this.#sums.get(key);
    if (sum === undefined) {
      this.#sums.set(key, { values, amount });
    } else {
      sum.amount += amount;
    }
  }
}
