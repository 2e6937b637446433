import { type ApiFault, apiFault } from "./api-fault.ts";

const LINE_END = 0x0a;

/** Cuts the body of a watch into its lines, one JSON text each, wherever the chunks end. */
export class EventLines {
  readonly #maxBytes: number;
  readonly #onLine: (line: string) => ApiFault | undefined;
  #parts: Buffer[] = [];
  #bytes = 0;

  /** `onLine`: a fault it gives ends the watch. */
  constructor(maxBytes: number, onLine: (line: string) => ApiFault | undefined) {
    this.#maxBytes = maxBytes;
    this.#onLine = onLine;
  }

  push(chunk: Buffer): ApiFault | undefined {
    let start = 0;
    for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, start)) {
      const fault = this.#take(chunk.subarray(start, end));
      if (fault !== undefined) {
        return fault;
      }
      start = end + 1;
    }
    return this.#keep(chunk.subarray(start));
  }

  #take(rest: Buffer): ApiFault | undefined {
    const line = Buffer.concat([...this.#parts, rest]).toString("utf8");
    this.#parts = [];
    this.#bytes = 0;
    return line.trim() === "" ? undefined : this.#onLine(line);
  }

  #keep(rest: Buffer): ApiFault | undefined {
    if (rest.length === 0) {
      return undefined;
    }
    this.#bytes += rest.length;
    if (this.#bytes > this.#maxBytes) {
      return apiFault("protocol", `an event is longer than ${this.#maxBytes} bytes`);
    }
    // The chunk is a view on memory of the socket.
    this.#parts.push(Buffer.from(rest));
    return undefined;
  }
}
