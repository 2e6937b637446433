import type { PageSink, PageStop } from "../page-sink.ts";
import type { ScrapeLimits } from "../scrape-limits.ts";
import { type FetchFault, fault } from "./fetch-fault.ts";
import { RATIO_FROM_BYTES } from "./stage-bytes.ts";

/** Bytes of one fetch so far: as they came, and as text. */
export interface ByteTally {
  wireBytes: number;
  bodyBytes: number;
}

/** Where the text of a page comes from. */
export interface PausableSource {
  pause(): void;
  resume(): void;
}

export type PageEnd = "complete" | FetchFault;

const STOP_DETAIL: Readonly<Record<PageStop, string>> = {
  sample_limit: "the page has more samples than allowed",
  label_limit: "a sample has more labels than allowed",
  label_name_length_limit: "the name of a label is longer than allowed",
  label_value_length_limit: "the value of a label is longer than allowed",
  content_type: "the content type is not one of the text formats",
};

/**
 * The last step before the sink: counts, enforces the limits of the text, and turns the sink's promises into pauses of the
 * source. A source that cannot stop at once (the chunks of one read, what TLS has taken in) may push while paused; those
 * bytes are copied and wait, never more than some reads of a socket.
 */
export class PageGate {
  readonly #sink: PageSink;
  readonly #limits: ScrapeLimits;
  readonly #tally: ByteTally;
  readonly #source: PausableSource;
  readonly #ended: (end: PageEnd) => void;
  #paused = false;
  #sourceEnded = false;
  #closed = false;
  #held: Uint8Array[] = [];

  /** `ended` is called once, after the last byte went to the sink, or at once on a fault. */
  constructor(
    sink: PageSink,
    limits: ScrapeLimits,
    tally: ByteTally,
    source: PausableSource,
    ended: (end: PageEnd) => void,
  ) {
    this.#sink = sink;
    this.#limits = limits;
    this.#tally = tally;
    this.#source = source;
    this.#ended = ended;
  }

  get paused(): boolean {
    return this.#paused;
  }

  push(bytes: Uint8Array): void {
    if (this.#closed) {
      return;
    }
    if (this.#paused) {
      this.#held.push(Uint8Array.from(bytes));
      return;
    }
    this.#deliver(bytes);
  }

  end(): void {
    this.#sourceEnded = true;
    this.#finish();
  }

  /** Nothing reaches the sink or the owner any more. */
  close(): void {
    this.#closed = true;
    this.#held = [];
  }

  #deliver(bytes: Uint8Array): void {
    const { wireBytes } = this.#tally;
    const bodyBytes = this.#tally.bodyBytes + bytes.length;
    if (bodyBytes > this.#limits.bodyBytes) {
      this.#stop(fault("body_limit", `the body is larger than ${this.#limits.bodyBytes} bytes`));
      return;
    }
    const { decompressionRatio } = this.#limits;
    if (bodyBytes > RATIO_FROM_BYTES && bodyBytes > wireBytes * decompressionRatio) {
      const detail = `the body is more than ${decompressionRatio} times its compressed size`;
      this.#stop(fault("decompression_ratio", detail));
      return;
    }
    this.#tally.bodyBytes = bodyBytes;
    const stop = this.#sink.chunk(bytes);
    if (stop !== undefined) {
      this.#stop(fault(stop, STOP_DETAIL[stop]));
      return;
    }
    const ready = this.#sink.ready();
    if (ready !== undefined) {
      this.#pauseUntil(ready);
    }
  }

  #pauseUntil(ready: Promise<void>): void {
    this.#paused = true;
    this.#source.pause();
    const resume = (): void => this.#resume();
    // A way out that failed is its owner's to report; the page itself goes on.
    void ready.then(resume, resume);
  }

  #resume(): void {
    if (this.#closed) {
      return;
    }
    this.#paused = false;
    const held = this.#held;
    this.#held = [];
    for (const bytes of held) {
      this.push(bytes);
    }
    if (this.#paused || this.#closed) {
      return;
    }
    this.#source.resume();
    this.#finish();
  }

  #finish(): void {
    if (this.#sourceEnded && !this.#paused && !this.#closed) {
      this.#stop("complete");
    }
  }

  #stop(end: PageEnd): void {
    this.close();
    this.#ended(end);
  }
}
