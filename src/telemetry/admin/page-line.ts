import { setImmediate as turn } from "node:timers/promises";

/**
 * Pages that cost something are made one after the other, with a turn for everything else in between: hundreds that are asked for
 * at once would keep a probe waiting until the last of them is made.
 */
export class PageLine {
  #last: Promise<unknown> = Promise.resolve();

  /** What `make` gives, or undefined where nobody waits for it any more when its turn comes. */
  async inTurn<T>(isWanted: () => boolean, make: () => Promise<T>): Promise<T | undefined> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    try {
      if (!isWanted()) {
        return undefined;
      }
      await turn();
      return await make();
    } finally {
      resolve();
    }
  }
}
