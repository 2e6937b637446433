import type { ScrapeReport } from "../scrape/scrape-report.ts";
import type { ScrapeTarget } from "../scrape/scrape-target.ts";
import type { Lanes, OnPayload } from "./lane.ts";
import type { PageScraper } from "./lane-end.ts";

/** The lanes of `once` and of tests: one, in the calling thread, without back-pressure of its own. */
export class InlineLane implements Lanes {
  readonly size = 1;
  readonly #scraper: PageScraper;
  readonly #onPayload: OnPayload;
  readonly #targets = new Map<string, ScrapeTarget>();
  readonly #running = new Set<Promise<ScrapeReport>>();
  readonly #stopping = new AbortController();

  constructor(scraper: PageScraper, onPayload: OnPayload) {
    this.#scraper = scraper;
    this.#onPayload = onPayload;
  }

  async scrape(target: ScrapeTarget, atMs: number, signal: AbortSignal): Promise<ScrapeReport> {
    const known = this.#targets.get(target.key);
    if (known !== undefined && known !== target) this.#scraper.forget(target.key);
    this.#targets.set(target.key, target);
    const running = this.#scraper.scrape(
      target,
      atMs,
      (payload) => this.#onPayload(target.key, payload),
      AbortSignal.any([signal, this.#stopping.signal]),
    );
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  forget(key: string): void {
    this.#targets.delete(key);
    this.#scraper.forget(key);
  }

  laneOf(_key: string): number {
    return 0;
  }

  ready(_lane: number): boolean {
    return true;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
    await this.#scraper.close();
  }
}
