import { LineSplitter } from "../../src/exposition/line-splitter.ts";
import { parseSampleLine } from "../../src/exposition/parse-sample-line.ts";
import { SampleLine } from "../../src/exposition/sample-line.ts";
import { MIB } from "../../src/units.ts";

const HASH = 0x23;
const MAX_LABELS = 256;

/** The line parser alone: splits a page and parses every sample line, label by label. */
export class PageParser {
  readonly #splitter = new LineSplitter(MIB);
  readonly #line = new SampleLine(MAX_LABELS);
  #samples = 0;

  /** Answers how many samples the page has. */
  run(page: Buffer): number {
    this.#samples = 0;
    this.#splitter.reset();
    this.#splitter.push(page, this);
    this.#splitter.end(this);
    return this.#samples;
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    if (end > start && bytes[start] !== HASH) {
      const fault = parseSampleLine(bytes, start, end, "text", this.#line);
      this.#samples += fault === undefined ? 1 : 0;
    }
  }

  tooLong(): void {
    throw new Error("a generated line is never that long");
  }
}
