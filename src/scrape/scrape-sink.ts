import { dialectOf } from "../exposition/content-type.ts";
import type { PageSink, PageStop } from "./page-sink.ts";
import type { PageTransform } from "./page-transform.ts";
import type { PayloadWriter } from "./payload-writer.ts";

/** One page on its way from the fetcher through the transform to the payloads. */
export class ScrapeSink implements PageSink {
  readonly #transform: PageTransform;
  readonly #output: PayloadWriter;
  readonly #atMs: number;
  #refused: PageStop | undefined;

  constructor(transform: PageTransform, output: PayloadWriter, atMs: number) {
    this.#transform = transform;
    this.#output = output;
    this.#atMs = atMs;
    transform.begin("text", atMs, output);
  }

  start(contentType: string | undefined): void {
    const dialect = dialectOf(contentType);
    if (dialect === "unsupported") {
      this.#refused = "content_type";
    } else {
      this.#transform.begin(dialect, this.#atMs, this.#output);
    }
  }

  chunk(bytes: Uint8Array): PageStop | undefined {
    if (this.#refused !== undefined) {
      return this.#refused;
    }
    this.#transform.push(bytes);
    return this.#transform.stopped;
  }

  ready(): Promise<void> | undefined {
    return this.#output.blocked;
  }
}
