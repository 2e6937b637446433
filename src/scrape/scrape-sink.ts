import { dialectOf } from "../exposition/content-type.ts";
import type { PageIntake } from "./page-intake.ts";
import type { PageSink, PageStop } from "./page-sink.ts";
import type { PayloadWriter } from "./payload-writer.ts";

/** One page on its way from the fetcher through the transform to the payloads. */
export class ScrapeSink implements PageSink {
  readonly #reader: PageIntake;
  readonly #output: PayloadWriter;
  readonly #atMs: number;
  #refused: PageStop | undefined;

  constructor(reader: PageIntake, output: PayloadWriter, atMs: number) {
    this.#reader = reader;
    this.#output = output;
    this.#atMs = atMs;
    reader.begin("text", atMs, output);
  }

  start(contentType: string | undefined): void {
    const dialect = dialectOf(contentType);
    if (dialect === "unsupported") {
      this.#refused = "content_type";
    } else {
      this.#reader.begin(dialect, this.#atMs, this.#output);
    }
  }

  chunk(bytes: Uint8Array): PageStop | undefined {
    if (this.#refused !== undefined) {
      return this.#refused;
    }
    this.#reader.push(bytes);
    return this.#reader.stopped;
  }

  ready(): Promise<void> | undefined {
    return this.#output.blocked;
  }
}
