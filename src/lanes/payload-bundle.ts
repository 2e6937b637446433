import type { Payload } from "../payload.ts";
import { KIB } from "../units.ts";

/** Payloads of a large page do not wait for its end: what waits here is lost with the thread. */
const MAX_BYTES = 64 * KIB;

/**
 * Payloads of one scrape that cross the thread boundary together. One message wakes the main thread and costs more than the
 * handling of what is in it (a tenth of a lane's time with a message for each payload).
 */
export class PayloadBundle {
  readonly #send: (payloads: readonly Payload[], bytes: number) => Promise<void> | undefined;
  #payloads: Payload[] = [];
  #bytes = 0;

  /** `send` answers a promise where it asks for a pause. */
  constructor(send: (payloads: readonly Payload[], bytes: number) => Promise<void> | undefined) {
    this.#send = send;
  }

  add(payload: Payload): Promise<void> | undefined {
    this.#payloads.push(payload);
    this.#bytes += payload.gzip.byteLength;
    return this.#bytes >= MAX_BYTES ? this.flush() : undefined;
  }

  flush(): Promise<void> | undefined {
    const payloads = this.#payloads;
    const bytes = this.#bytes;
    if (payloads.length === 0) return undefined;
    this.#payloads = [];
    this.#bytes = 0;
    return this.#send(payloads, bytes);
  }
}
