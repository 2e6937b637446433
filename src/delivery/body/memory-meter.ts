import { type Body, heldBytes } from "./body.ts";

/** Bytes of memory that bodies hold, each counted once however many queues it is in. */
export class MemoryMeter {
  readonly #holders = new Map<Body, number>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  hold(body: Body): void {
    const holders = this.#holders.get(body) ?? 0;
    if (holders === 0) {
      this.#bytes += heldBytes(body);
    }
    this.#holders.set(body, holders + 1);
  }

  release(body: Body): void {
    const holders = this.#holders.get(body) ?? 0;
    if (holders > 1) {
      this.#holders.set(body, holders - 1);
      return;
    }
    if (this.#holders.delete(body)) {
      this.#bytes -= heldBytes(body);
    }
  }
}
