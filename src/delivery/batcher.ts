import type { Category, Payload } from "../payload.ts";
import { type Body, joinPayloads, payloadHeldBytes, payloadTally } from "./body.ts";
import { NOTHING, plus, type Tally } from "./tally.ts";

/**
 * Joins payloads into bodies of at most `maxRawBytes` of line protocol, one category each, in order. A payload that is longer
 * alone makes a body of its own, which the destination's loop cuts.
 */
export class Batcher {
  readonly #maxRawBytes: number;
  readonly #nextId: () => string;
  readonly #joined: (id: string, payload: Payload) => void;
  readonly #open = new Map<Category, Batch>();

  /** `joined` is told the id of the body that a payload will be in. */
  constructor(
    maxRawBytes: number,
    nextId: () => string,
    joined: (id: string, payload: Payload) => void = () => undefined,
  ) {
    this.#maxRawBytes = maxRawBytes;
    this.#nextId = nextId;
    this.#joined = joined;
  }

  /** Takes a payload; returns the bodies that are full by that. */
  add(payload: Payload): readonly Body[] {
    const full: Body[] = [];
    const batch = this.#open.get(payload.category);
    if (batch !== undefined && batch.tally.bytes + payload.rawBytes > this.#maxRawBytes) {
      full.push(this.#close(batch));
    }
    const open = this.#openFor(payload.category);
    open.payloads.push(payload);
    this.#joined(open.id, payload);
    open.tally = plus(open.tally, payloadTally(payload));
    open.heldBytes += payloadHeldBytes(payload);
    if (open.tally.bytes >= this.#maxRawBytes) {
      full.push(this.#close(open));
    }
    return full;
  }

  /** Everything that is open, as bodies. */
  flush(): readonly Body[] {
    return [...this.#open.values()].map((batch) => this.#close(batch));
  }

  open(category: Category): Tally {
    return this.#open.get(category)?.tally ?? NOTHING;
  }

  /** Bytes of memory held by what is in no body yet. */
  get heldBytes(): number {
    let bytes = 0;
    for (const batch of this.#open.values()) {
      bytes += batch.heldBytes;
    }
    return bytes;
  }

  #openFor(category: Category): Batch {
    const batch = this.#open.get(category) ?? {
      id: this.#nextId(),
      category,
      payloads: [],
      tally: NOTHING,
      heldBytes: 0,
    };
    this.#open.set(category, batch);
    return batch;
  }

  #close(batch: Batch): Body {
    this.#open.delete(batch.category);
    return joinPayloads(batch.id, batch.payloads);
  }
}

interface Batch {
  readonly id: string;
  readonly category: Category;
  readonly payloads: Payload[];
  tally: Tally;
  heldBytes: number;
}
