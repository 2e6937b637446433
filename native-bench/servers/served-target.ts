import type { PageState } from "../workload/page-state.ts";
import { type ChunkPool, type CompressedPage, compressPage } from "./compressed-page.ts";

/** A scrape this many intervals after the last one has passed a tick over. */
const LATE = 1.5;

/** Pages are compressed one after the other, so that this takes one thread at most for each queue. */
export interface CompressQueue {
  last: Promise<unknown>;
}

/** One target: its page, when it was scraped, and the next page compressed ahead of its scrape. */
export class ServedTarget {
  readonly page: PageState;
  readonly #intervalMs: number;
  readonly #queue: CompressQueue;
  /** Of the last scrape's start; undefined before the first. */
  #askedAtMs: number | undefined;
  /** The page has moved for this scrape already. */
  #ahead: Promise<CompressedPage> | undefined;
  #missed = 0;
  /** A page is on its way: its state must not move. */
  serving = false;

  constructor(page: PageState, intervalMs: number, queue: CompressQueue) {
    this.page = page;
    this.#queue = queue;
    this.#intervalMs = intervalMs;
  }

  get waiting(): boolean {
    return this.#askedAtMs === undefined;
  }

  note(nowMs: number): void {
    this.#missed = this.missedTicks(nowMs);
    this.#askedAtMs = nowMs;
  }

  /** Ticks at which nobody asked, up to now. */
  missedTicks(nowMs: number): number {
    const asked = this.#askedAtMs;
    const gap = asked === undefined ? 0 : (nowMs - asked) / this.#intervalMs;
    return this.#missed + (gap > LATE ? Math.round(gap) - 1 : 0);
  }

  /** Moves the page for the next scrape and compresses it when its turn comes. */
  prepare(pool: ChunkPool): Promise<CompressedPage> {
    if (this.#ahead === undefined) {
      this.#ahead = this.#queue.last.then(() => {
        this.page.move();
        return compressPage(this.page, pool);
      });
      this.#queue.last = this.#ahead;
    }
    return this.#ahead;
  }

  /** The page of this scrape, compressed ahead as a rule. */
  async compressed(pool: ChunkPool): Promise<CompressedPage> {
    const page = await this.prepare(pool);
    this.#ahead = undefined;
    return page;
  }

  /** Moves the page for a scrape that gets it as it is, unless it was moved ahead. */
  async move(): Promise<void> {
    if (this.#ahead === undefined) {
      this.page.move();
      return;
    }
    await this.#ahead;
    this.#ahead = undefined;
  }
}
