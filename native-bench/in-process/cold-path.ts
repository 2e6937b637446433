import { compileRules } from "../../src/rules/rules-program.ts";
import type { LineCounts } from "../../src/scrape/line-counts.ts";
import { PageTransform } from "../../src/scrape/page-transform.ts";
import { PayloadWriter } from "../../src/scrape/payload-writer.ts";
import { KIB } from "../../src/units.ts";
import type { NameFilter } from "../workload/name-filter.ts";
import { benchLimits, benchRules } from "./bench-rules.ts";

const CHUNK_BYTES = 64 * KIB;
const AT_MS = 1_700_000_000_000;

/** What one page became. */
export interface ColdPathOutput {
  readonly counts: LineCounts;
  /** Line protocol, and its gzip members. */
  readonly outputBytes: number;
  readonly compressedBytes: number;
}

/** Our cold path as a lane runs it, without the socket: bytes of a page in, gzip payloads out. */
export class ColdPath {
  readonly #transform: PageTransform;
  readonly #output = new PayloadWriter();

  constructor(filter: NameFilter | undefined) {
    this.#transform = new PageTransform(compileRules(benchRules(filter)).program, benchLimits);
  }

  run(page: Buffer): ColdPathOutput {
    this.#output.begin("metric", () => undefined);
    this.#transform.begin("text", AT_MS, this.#output);
    for (let at = 0; at < page.length; at += CHUNK_BYTES) {
      this.#transform.push(page.subarray(at, at + CHUNK_BYTES));
    }
    this.#transform.end(true);
    const { counts } = this.#transform;
    this.#output.flush(counts);
    const { outputBytes, compressedBytes } = this.#output;
    return { counts, outputBytes, compressedBytes };
  }
}
