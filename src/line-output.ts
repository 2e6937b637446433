import { type Clock, WAIT_OVER } from "./clock.ts";
import type { WriteNow } from "./non-blocking-write.ts";
import { KIB } from "./units.ts";

/** What waits for a reader that stalls; what comes beyond is dropped. */
const MAX_WAITING_BYTES = 256 * KIB;
/** How often a full pipe is tried again. */
const RETRY_MS = 50;
const LINE_FEED = 0x0a;

export interface LineOutputOptions {
  readonly clock: Clock;
  readonly write: WriteNow;
  /** Default 256 KiB. */
  readonly maxWaitingBytes?: number;
}

/**
 * Lines for a reader that may stall, such as a log collector that hangs or a terminal that is stopped. A line is written before
 * the call returns where the reader keeps up; else it waits in bounded memory, and what does not fit there is dropped and counted.
 * Nothing here blocks or throws.
 */
export class LineOutput {
  readonly #options: LineOutputOptions;
  readonly #limit: number;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** A part of the first that waits is written. */
  #begun = false;
  /** The rest of a line that was begun is dropped: the next one needs a line end before it. */
  #torn = false;
  #dropped = 0;
  #untold = 0;
  #resumed: (dropped: number) => void = () => {};
  #writing = false;
  #retrying: Promise<void> | undefined;

  constructor(options: LineOutputOptions) {
    this.#options = options;
    this.#limit = options.maxWaitingBytes ?? MAX_WAITING_BYTES;
  }

  /** Lines dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** `resumed` is told how many lines were dropped, once everything that waited is written: it may say so in a line. */
  whenResumed(resumed: (dropped: number) => void): void {
    this.#resumed = resumed;
  }

  /** Takes whole lines, line end included. */
  write(text: string): void {
    const bytes = Buffer.from(text);
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes.byteLength > this.#limit) {
      this.#drop(bytes);
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.byteLength;
    if (this.#retrying === undefined && !this.#writing && !this.#writeWaiting()) {
      this.#retrying = this.#retry();
    }
  }

  /** Resolves when everything is written, and after `ms` milliseconds at the latest; what is left then is dropped. */
  async flush(ms: number): Promise<void> {
    if (this.#retrying === undefined) {
      return;
    }
    const over = new AbortController();
    await Promise.race([this.#retrying, this.#options.clock.sleep(ms, over.signal)]);
    over.abort(WAIT_OVER);
    this.#dropWaiting();
  }

  async #retry(): Promise<void> {
    do {
      await this.#options.clock.sleep(RETRY_MS);
    } while (!this.#writeWaiting());
    this.#retrying = undefined;
  }

  /** False: the reader takes nothing now. */
  #writeWaiting(): boolean {
    this.#writing = true;
    let outcome: Written = "all";
    while (outcome === "all" && (this.#waiting.length > 0 || this.#tell())) {
      outcome = this.#writeFirst();
    }
    this.#writing = false;
    if (outcome === "broken") {
      this.#dropWaiting();
    }
    return outcome !== "full";
  }

  #writeFirst(): Written {
    const [first] = this.#waiting;
    try {
      if (this.#torn) {
        this.#options.write(Buffer.of(LINE_FEED));
        this.#torn = false;
      }
      for (let left = first; left !== undefined && left.byteLength > 0; ) {
        const count = this.#options.write(left);
        left = left.subarray(count);
        this.#waiting[0] = left;
        this.#waitingBytes -= count;
        this.#begun = left.byteLength > 0;
      }
      this.#waiting.shift();
      return "all";
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      return code === "EAGAIN" ? "full" : "broken";
    }
  }

  /** Whoever read may come back, as with a FIFO: the next line is tried like the first. */
  #dropWaiting(): void {
    this.#torn ||= this.#begun;
    this.#begun = false;
    this.#waitingBytes = 0;
    for (const bytes of this.#waiting.splice(0)) {
      this.#drop(bytes);
    }
  }

  #drop(bytes: Uint8Array): void {
    const lines = bytes.reduce((count, byte) => (byte === LINE_FEED ? count + 1 : count), 0);
    this.#dropped += lines;
    this.#untold += lines;
  }

  /** True when there was something to tell that now waits to be written. */
  #tell(): boolean {
    const dropped = this.#untold;
    this.#untold = 0;
    if (dropped > 0) {
      this.#resumed(dropped);
    }
    return this.#waiting.length > 0;
  }
}

/** `full`: the reader takes nothing now. `broken`: there is no reader, or no room on the disk. */
type Written = "all" | "full" | "broken";
