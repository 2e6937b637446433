import type { Category, Payload } from "../../payload.ts";
import { MAX_ORDINAL } from "../../spool/segment-format.ts";
import { NOTHING, plus, sum, type Tally } from "../../tally.ts";
import { type Body, joinPayloads, payloadHeldBytes, payloadTally } from "./body.ts";

/** What can be told apart on disk. */
const MAX_PAYLOADS = MAX_ORDINAL + 1;

/**
 * Joins payloads into bodies of at most `maxRawBytes` of line protocol, one category and sinker group each, in order. A payload that is longer
 * alone makes a body of its own, which the destination's loop cuts.
 */
export class Batcher {
  readonly #maxRawBytes: number;
  readonly #nextId: () => string;
  readonly #joined: (id: string, payload: Payload) => void;
  /** By what their payloads agree in. */
  readonly #open = new Map<string, Batch>();
  #heldBytes = 0;

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
    const batch = this.#open.get(keyOf(payload));
    if (batch !== undefined && !this.#takes(batch, payload)) {
      full.push(this.#close(batch));
    }
    const open = this.#openFor(payload);
    open.payloads.push(payload);
    this.#joined(open.id, payload);
    open.tally = plus(open.tally, payloadTally(payload));
    open.heldBytes += payloadHeldBytes(payload);
    this.#heldBytes += payloadHeldBytes(payload);
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
    return sum(
      [...this.#open.values()].filter((one) => one.category === category).map(({ tally }) => tally),
    );
  }

  /** Bytes of memory held by what is in no body yet. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  #takes(batch: Batch, payload: Payload): boolean {
    const fits = batch.tally.bytes + payload.rawBytes <= this.#maxRawBytes;
    return fits && batch.payloads.length < MAX_PAYLOADS;
  }

  #openFor(payload: Payload): Batch {
    const key = keyOf(payload);
    const batch = this.#open.get(key) ?? {
      id: this.#nextId(),
      key,
      category: payload.category,
      payloads: [],
      tally: NOTHING,
      heldBytes: 0,
    };
    this.#open.set(key, batch);
    return batch;
  }

  #close(batch: Batch): Body {
    this.#open.delete(batch.key);
    this.#heldBytes -= batch.heldBytes;
    return joinPayloads(batch.id, batch.payloads);
  }
}

interface Batch {
  readonly id: string;
  readonly key: string;
  readonly category: Category;
  readonly payloads: Payload[];
  tally: Tally;
  heldBytes: number;
}

function keyOf({ category, sinkTags }: Payload): string {
  return sinkTags === undefined ? category : `${category} ${sinkTags}`;
}
