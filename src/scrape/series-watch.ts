import { type LineConsumer, LineSplitter } from "../exposition/line-splitter.ts";
import type { PageSink, PageStop } from "../page-sink.ts";

const TAB = 0x09;
const BLANK = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Series told apart of one page; what is beyond is not counted. */
const MAX_SERIES = 1_000_000;

/**
 * Counts the series of a page that the page before did not have, by a hash of 53 bits of what stands in front of the value, as
 * it is written. Sits between the page and its sink.
 */
export class SeriesWatch implements LineConsumer, PageSink {
  readonly #splitter: LineSplitter;
  #sink: PageSink | undefined;
  #before = new Set<number>();
  #now = new Set<number>();
  #added = 0;

  constructor(lineBytes: number) {
    this.#splitter = new LineSplitter(lineBytes);
  }

  /** A page begins, on its way to `sink`. */
  over(sink: PageSink): PageSink {
    this.#sink = sink;
    this.#splitter.reset();
    this.#now.clear();
    this.#added = 0;
    return this;
  }

  /** The page is over: how many series were new. After one that did not come whole the page before stays the measure. */
  end(whole: boolean): number {
    this.#sink = undefined;
    if (!whole) {
      return 0;
    }
    this.#splitter.end(this);
    [this.#before, this.#now] = [this.#now, this.#before];
    return this.#added;
  }

  start(contentType: string | undefined): void {
    this.#sink?.start(contentType);
  }

  chunk(bytes: Uint8Array): PageStop | undefined {
    this.#splitter.push(bytes, this);
    return this.#sink?.chunk(bytes);
  }

  ready(): Promise<void> | undefined {
    return this.#sink?.ready();
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    let from = start;
    while (from < end && (bytes[from] === BLANK || bytes[from] === TAB)) {
      from++;
    }
    if (from === end || bytes[from] === HASH || this.#now.size >= MAX_SERIES) {
      return;
    }
    const series = hashOf(bytes, from, seriesEnd(bytes, from, end));
    if (!this.#now.has(series)) {
      this.#now.add(series);
      this.#added += this.#before.has(series) ? 0 : 1;
    }
  }

  tooLong(): void {}
}

/** Behind the closing brace, or at the first blank where there are no braces. */
function seriesEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== OPEN && bytes[at] !== BLANK && bytes[at] !== TAB) {
    at++;
  }
  let brace = at;
  while (brace < end && (bytes[brace] === BLANK || bytes[brace] === TAB)) {
    brace++;
  }
  return brace < end && bytes[brace] === OPEN ? bracesEnd(bytes, brace, end) : at;
}

function bracesEnd(bytes: Uint8Array, start: number, end: number): number {
  let inQuotes = false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      inQuotes = !inQuotes;
    } else if (byte === BACKSLASH && inQuotes) {
      at++;
    } else if (byte === CLOSE && !inQuotes) {
      return at + 1;
    }
  }
  return end;
}

/** Two hashes of FNV's kind with different primes, 53 bits of them. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let high = 0x811c9dc5;
  let low = 0x9747b28c;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    high = Math.imul(high ^ byte, 0x01000193);
    low = Math.imul(low ^ byte, 0x85ebca6b) ^ (low >>> 13);
  }
  return (high >>> 0) * 0x200000 + (low >>> 11);
}
