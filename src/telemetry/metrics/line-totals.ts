import type { ScrapeTally } from "../scrape-tally.ts";

/** What became of so many lines of pages; `read` counts them all. */
export interface LineTotal {
  readonly fate: string;
  readonly reason: string;
  readonly lines: number;
}

/** The lines of all pages of this life, as the metrics count them. */
export class LineTotals {
  readonly #totals = new Map<string, { fate: string; reason: string; lines: number }>();

  /** Until the next page is recorded. */
  get all(): readonly LineTotal[] {
    return [...this.#totals.values()];
  }

  record(counts: ScrapeTally["counts"]): void {
    this.#add("read", "", counts.lines);
    this.#add("blank", "", counts.blank);
    this.#add("comment", "", counts.comments);
    this.#add("sent", "", counts.sent);
    this.#addEach("filtered", counts.filtered);
    this.#addEach("dropped", counts.dropped);
    this.#addEach("malformed", counts.malformed);
  }

  #addEach(fate: string, counts: ScrapeTally["counts"]["malformed"]): void {
    for (const reason of Object.keys(counts)) {
      this.#add(fate, reason, counts[reason] ?? 0);
    }
  }

  #add(fate: string, reason: string, count: number): void {
    if (count > 0) {
      const name = `${fate} ${reason}`;
      const total = this.#totals.get(name);
      if (total === undefined) {
        this.#totals.set(name, { fate, reason, lines: count });
      } else {
        total.lines += count;
      }
    }
  }
}
