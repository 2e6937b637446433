import type { ScrapeLimits } from "../scrape-limits.ts";
import { MIB } from "../units.ts";
import { type FetchFault, fault } from "./fetch-fault.ts";

/** The ratio of little data is mostly that of its header; a limit from here on stops a bomb early enough. */
export const RATIO_FROM_BYTES = MIB;
/** No coding makes text so much larger, flushed after every line. */
const MAX_GROWTH = 2;

/**
 * Counts what one decompression takes and gives. The limits of the page are judged by its text alone, so a stage needs its own: empty
 * blocks and empty members are data without end that never become text, and what stands between two stages is nobody's text.
 */
export class StageBytes {
  readonly #limits: Pick<ScrapeLimits, "bodyBytes" | "decompressionRatio">;
  #taken = 0;
  #given = 0;

  constructor(limits: Pick<ScrapeLimits, "bodyBytes" | "decompressionRatio">) {
    this.#limits = limits;
  }

  /** Asked before compressed bytes are used. */
  take(count: number): FetchFault | undefined {
    // What is taken now has not become text yet.
    const before = this.#taken;
    this.#taken += count;
    return before > MAX_GROWTH * this.#given + RATIO_FROM_BYTES
      ? fault(
          "decompression_ratio",
          `the compressed data is more than ${MAX_GROWTH} times as large as what it unpacks to`,
        )
      : undefined;
  }

  /** Asked before unpacked bytes are handed on. */
  give(count: number): FetchFault | undefined {
    this.#given += count;
    const { bodyBytes, decompressionRatio } = this.#limits;
    if (this.#given > bodyBytes) {
      return fault("body_limit", `the body is larger than ${bodyBytes} bytes`);
    }
    return this.#given > RATIO_FROM_BYTES && this.#given > this.#taken * decompressionRatio
      ? fault(
          "decompression_ratio",
          `the body is more than ${decompressionRatio} times its compressed size`,
        )
      : undefined;
  }
}
