import { dialectOf } from "../exposition/content-type.ts";
import type { PageSink, PageStop } from "../page-sink.ts";
import type { PageIntake } from "../points/page-intake.ts";
import { PayloadWriter } from "../points/payload-writer.ts";
import { KIB } from "../units.ts";
import type { FirstPage } from "./first-pages.ts";

/** Of a page that is read for the first time, what is worked through whoever else is at it: small pages never wait. */
const FREE_BYTES = 64 * KIB;

const NO_OUTPUT = new PayloadWriter();

/** One page on its way from the fetcher through the transform to the payloads. */
export class ScrapeSink implements PageSink {
  readonly #reader: PageIntake;
  readonly #borrow: () => PayloadWriter;
  readonly #atMs: number;
  readonly #firstPage: FirstPage | undefined;
  #output: PayloadWriter | undefined;
  #bytes = 0;
  #refused: PageStop | undefined;

  /** `borrow` is asked when the answer begins, not before: many scrapes wait at a time, and few are answered. */
  constructor(
    reader: PageIntake,
    borrow: () => PayloadWriter,
    atMs: number,
    firstPage?: FirstPage,
  ) {
    this.#reader = reader;
    this.#borrow = borrow;
    this.#atMs = atMs;
    this.#firstPage = firstPage;
    reader.begin("text", atMs, NO_OUTPUT);
  }

  /** Where the page went, or would have gone. */
  get output(): PayloadWriter {
    this.#output ??= this.#borrow();
    return this.#output;
  }

  start(contentType: string | undefined): void {
    const dialect = dialectOf(contentType);
    if (dialect === "unsupported") {
      this.#refused = "content_type";
    } else {
      this.#reader.begin(dialect, this.#atMs, this.output);
    }
  }

  chunk(bytes: Uint8Array): PageStop | undefined {
    if (this.#refused !== undefined) {
      return this.#refused;
    }
    this.#bytes += bytes.length;
    this.#reader.push(bytes);
    return this.#reader.stopped;
  }

  ready(): Promise<void> | undefined {
    const turn = this.#bytes > FREE_BYTES ? this.#firstPage?.turn() : undefined;
    return turn ?? this.#output?.blocked;
  }
}
