import { type FetchFault, fault } from "../fetch-fault.ts";

const START = "HTTP/1.";
const END = /\r?\n\r?\n$/;
const LF = 0x0a;
const CR = 0x0d;

/** Collects the head of an answer up to its empty line, whatever pieces it comes in; never more than `maxBytes`. */
export class HeadReader {
  readonly #maxBytes: number;
  #text = "";
  /** Of all heads of this answer, so that interim ones have an end too. */
  #bytes = 0;
  #begun = false;
  #atLineStart = true;
  #whole = false;
  #fault: FetchFault | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The head without its empty line; undefined while it is not whole. */
  get text(): string | undefined {
    return this.#whole ? this.#text : undefined;
  }

  get fault(): FetchFault | undefined {
    return this.#fault;
  }

  /** Another answer. */
  begin(): void {
    this.#bytes = 0;
    this.next();
  }

  /** Another head of the same answer. */
  next(): void {
    this.#text = "";
    this.#begun = false;
    this.#atLineStart = true;
    this.#whole = false;
    this.#fault = undefined;
  }

  /** Gives the offset behind what belongs to the head; `end` while it is not whole. */
  take(bytes: Buffer, start: number, end: number): number {
    let at = start;
    const bound = Math.min(end, start + this.#maxBytes - this.#bytes);
    while (at < bound && !this.#whole) {
      const byte = bytes[at];
      at++;
      if (byte === LF) {
        this.#whole = this.#atLineStart;
        this.#atLineStart = true;
      } else if (byte !== CR) {
        this.#atLineStart = false;
      }
    }
    this.#text += bytes.toString("latin1", start, at);
    this.#bytes += at - start;
    if (!this.#begun) {
      // Once: to look into a text that grows by bytes costs the square of it.
      this.#begun = this.#text.length >= START.length;
      if (!START.startsWith(this.#text.slice(0, START.length))) {
        this.#fault = fault("protocol", "the answer is not one of HTTP/1");
        return at;
      }
    }
    if (this.#whole) {
      this.#text = this.#text.replace(END, "");
    } else if (at < end) {
      const detail = `the head of the answer is larger than ${this.#maxBytes} bytes`;
      this.#fault = fault("header_limit", detail);
    }
    return at;
  }
}
