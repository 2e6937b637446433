import type { ScrapeTally } from "./scrape-tally.ts";

/** What became of so many lines of pages; `read` counts them all. */
export interface LineTotal {
  readonly fate: string;
  readonly reason: string;
  readonly lines: number;
}

/** The lines of all pages of this life, as the metrics count them. */
export class LineTotals {
  readonly #totals = new Map<string, LineTotal>();

  get all(): readonly LineTotal[] {
    return [...this.#totals.values()];
  }

  record({ lines, blank, comments, sent, ...reasons }: ScrapeTally["counts"]): void {
    this.#add("read", "", lines);
    this.#add("blank", "", blank);
    this.#add("comment", "", comments);
    this.#add("sent", "", sent);
    for (const fate of ["filtered", "dropped", "malformed"] as const) {
      for (const [reason, count] of Object.entries(reasons[fate])) {
        this.#add(fate, reason, count ?? 0);
      }
    }
  }

  #add(fate: string, reason: string, count: number): void {
    if (count > 0) {
      const name = `${fate} ${reason}`;
      const lines = (this.#totals.get(name)?.lines ?? 0) + count;
      this.#totals.set(name, { fate, reason, lines });
    }
  }
}
