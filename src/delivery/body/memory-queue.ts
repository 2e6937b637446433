import type { Category } from "../../payload.ts";
import { minus, NOTHING, plus, type Tally } from "../../tally.ts";
import type { OverflowPolicy } from "../delivery-settings.ts";
import { type Body, heldBytes } from "./body.ts";
import type { BodyQueue } from "./body-queue.ts";
import { MemoryMeter } from "./memory-meter.ts";

/** First in, first out, in memory only, bounded by the bytes it holds. */
export class MemoryQueue implements BodyQueue {
  readonly lasts = false;
  readonly #bound: number;
  readonly #policy: OverflowPolicy;
  /** In order of arrival, and the first is had without moving the others. */
  readonly #bodies = new Set<Body>();
  readonly #taken = new Set<Body>();
  readonly #waiting: Record<Category, Tally> = { metric: NOTHING, logging: NOTHING };
  readonly #meter: MemoryMeter;
  #held = 0;

  constructor(bound: number, policy: OverflowPolicy, meter = new MemoryMeter()) {
    this.#bound = bound;
    this.#policy = policy;
    this.#meter = meter;
  }

  get waiting(): Readonly<Record<Category, Tally>> {
    return this.#waiting;
  }

  get waitingBodies(): number {
    return this.#bodies.size;
  }

  get heldBytes(): number {
    return this.#held;
  }

  push(body: Body): readonly Body[] {
    const size = heldBytes(body);
    const lost = this.makeRoom(size);
    if (!this.hasRoom(size)) {
      return [...lost, body];
    }
    this.#bodies.add(body);
    this.#waiting[body.category] = plus(this.#waiting[body.category], body.tally);
    this.#held += size;
    this.#meter.hold(body);
    return lost;
  }

  take(): Body | undefined {
    const body = this.#removeOldest();
    if (body !== undefined) {
      this.#taken.add(body);
    }
    return body;
  }

  settle(body: Body): void {
    if (!this.#taken.delete(body)) {
      throw new Error(`body ${body.id} is settled but was not taken`);
    }
    this.#held -= heldBytes(body);
    this.#meter.release(body);
  }

  rest(): void {
    // Nothing is kept beyond the end of the process.
  }

  leave(): ReadonlySet<Body> {
    const left = new Set([...this.#bodies, ...this.#taken]);
    while (this.#removeOldest() !== undefined) {
      // It is in the set that is given.
    }
    this.#taken.clear();
    for (const body of left) {
      this.#held -= heldBytes(body);
      this.#meter.release(body);
    }
    return left;
  }

  makeRoom(bytes: number): readonly Body[] {
    const lost: Body[] = [];
    // Nothing is thrown away for a body that does not fit into the empty queue either.
    while (this.#policy === "drop_oldest" && bytes <= this.#bound && !this.hasRoom(bytes)) {
      const oldest = this.#removeOldest();
      if (oldest === undefined) {
        break;
      }
      this.#held -= heldBytes(oldest);
      this.#meter.release(oldest);
      lost.push(oldest);
    }
    return lost;
  }

  hasRoom(bytes: number): boolean {
    return this.#held + bytes <= this.#bound;
  }

  #removeOldest(): Body | undefined {
    for (const body of this.#bodies) {
      this.#bodies.delete(body);
      this.#waiting[body.category] = minus(this.#waiting[body.category], body.tally);
      return body;
    }
    return undefined;
  }
}
