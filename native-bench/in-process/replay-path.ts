import { randomFillSync } from "node:crypto";
import { PageTransform } from "../../src/points/page-transform.ts";
import { PayloadWriter } from "../../src/points/payload-writer.ts";
import { loadKernel } from "../../src/recall/kernel-file.ts";
import { ReplayedPage } from "../../src/recall/replayed-page.ts";
import { ReplayKernel } from "../../src/replay/replay-kernel.ts";
import { SeriesMemory } from "../../src/replay/series-memory.ts";
import { compileRules } from "../../src/rules/rules-program.ts";
import { KIB, MIB } from "../../src/units.ts";
import { benchLimits, benchRules } from "./bench-rules.ts";

const CHUNK_BYTES = 64 * KIB;
const MEMORY_BYTES = 64 * MIB;

/** Pages whose series are known, as a lane replays them: bytes of a page in, line protocol out, not compressed. */
export class ReplayPath {
  readonly #replay: ReplayedPage;
  readonly #output: UncompressedWriter;
  readonly #pages: readonly Buffer[];
  #scrapes = 0;

  /** `pages`: the same series again and again, with the values of one scrape after the other. */
  constructor(pages: readonly Buffer[]) {
    const kernel = loadKernel();
    if (kernel.kind === "missing") {
      throw new Error(kernel.reason);
    }
    const memory = new SeriesMemory(new ReplayKernel(kernel.module, MEMORY_BYTES, randomFillSync));
    this.#output = new UncompressedWriter(memory.kernel.takeRoom());
    const rules = benchRules(undefined);
    const transform = new PageTransform(compileRules(rules).program, benchLimits);
    this.#replay = new ReplayedPage(memory, transform, { limits: benchLimits, rules });
    this.#pages = pages;
  }

  /** The next page. Answers its points. */
  run(): number {
    const page = this.#pages[this.#scrapes++ % this.#pages.length] as Buffer;
    this.#output.begin("metric", () => undefined);
    this.#replay.begin("text", this.#scrapes, this.#output);
    for (let at = 0; at < page.length; at += CHUNK_BYTES) {
      this.#replay.push(page.subarray(at, at + CHUNK_BYTES));
    }
    this.#replay.end(true);
    this.#output.flush();
    return this.#replay.counts.points;
  }
}

/** Throws away what it would compress. */
class UncompressedWriter extends PayloadWriter {
  override flush(): void {
    this.lines.length = 0;
  }
}
