import { setImmediate as turn } from "node:timers/promises";

/** What waits to connect is let in first: the kernel queues 511. */
const MOST_TURNS = 2000;
/** Turns without a new connection after which no more is taken to be waiting. */
const QUIET_TURNS = 4;

/**
 * Pages that cost something are made one after the other, with a turn for everything else in between: hundreds that are asked for
 * at once would keep a probe waiting until the last of them is made. Node lets one connection in a turn, so a page also waits while
 * connections come turn after turn: 500 of them before a probe would cost it 500 pages.
 */
export class PageLine {
  readonly #arrivals: () => number;
  #last: Promise<unknown> = Promise.resolve();

  /** `arrivals`: connections so far. */
  constructor(arrivals: () => number) {
    this.#arrivals = arrivals;
  }

  /** What `make` gives, or undefined where nobody waits for it any more when its turn comes. */
  async inTurn<T>(isWanted: () => boolean, make: () => Promise<T>): Promise<T | undefined> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    try {
      if (isWanted()) {
        await this.#quiet();
      }
      return isWanted() ? await make() : undefined;
    } finally {
      resolve();
    }
  }

  /** The first turn may end before anything new was looked at, and data of a connection comes a turn after it. */
  async #quiet(): Promise<void> {
    let seen = this.#arrivals();
    for (let turns = 0, quiet = 0; quiet < QUIET_TURNS && turns < MOST_TURNS; turns += 1) {
      await turn();
      quiet = seen === this.#arrivals() ? quiet + 1 : 0;
      seen = this.#arrivals();
    }
  }
}
