/**
 * Wakes one waiter. `reset` before looking at the state, `wait` after: what rings in between is not missed.
 */
export class Bell {
  #rung = Promise.withResolvers<void>();

  ring(): void {
    this.#rung.resolve();
  }

  reset(): void {
    this.#rung = Promise.withResolvers();
  }

  wait(): Promise<void> {
    return this.#rung.promise;
  }
}
