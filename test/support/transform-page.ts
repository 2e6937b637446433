import { gunzipSync } from "node:zlib";
import type { Dialect } from "../../src/exposition/dialect.ts";
import type { Payload } from "../../src/payload.ts";
import type { PageIntake } from "../../src/points/page-intake.ts";
import { PageTransform, type TransformLimits } from "../../src/points/page-transform.ts";
import { PayloadWriter } from "../../src/points/payload-writer.ts";
import { ReplayedPage } from "../../src/recall/replayed-page.ts";
import type { SeriesMemory } from "../../src/replay/series-memory.ts";
import type { RulesConfig } from "../../src/rules/rules-config.ts";
import { compileRules } from "../../src/rules/rules-program.ts";
import { rulesConfig } from "./rules-config.ts";

export interface TransformOptions {
  readonly rules?: Partial<RulesConfig>;
  readonly limits?: Partial<TransformLimits>;
  readonly dialect?: Dialect;
  /** Bytes a chunk; the whole page at once where absent. */
  readonly chunk?: number;
  /** Bytes of each chunk in turn, over and over, in place of that. */
  readonly chunks?: readonly number[];
  readonly whole?: boolean;
  /** Of the scrape; absent: 1700000000 s. */
  readonly atMs?: number;
  /** Pages go through a replay with this memory. */
  readonly memory?: SeriesMemory;
  /** Where output is written. */
  readonly room?: Uint8Array<ArrayBuffer>;
  /** Called after each chunk. */
  readonly between?: () => void;
}

const AT_MS = 1_700_000_000_000;
const LIMITS: TransformLimits = {
  lineBytes: 1024 * 1024,
  labelsPerLine: 256,
  samples: 1_000_000,
};

/** A transform for several pages of one target, its output as lines. */
export class TransformedTarget {
  readonly transform: PageTransform;
  readonly replay: ReplayedPage | undefined;
  readonly #reader: PageIntake;
  readonly #output: PayloadWriter;
  readonly #options: TransformOptions;
  payloads: Payload[] = [];

  constructor(options: TransformOptions) {
    this.#options = options;
    this.#output = new PayloadWriter(options.room);
    const rules = rulesConfig(options.rules);
    const limits = { ...LIMITS, ...options.limits };
    this.transform = new PageTransform(compileRules(rules).program, limits);
    const { memory } = options;
    this.replay =
      memory === undefined
        ? undefined
        : new ReplayedPage(memory, this.transform, { rules, limits });
    this.#reader = this.replay ?? this.transform;
  }

  /** Lines of line protocol for a page. */
  scrape(page: string | Uint8Array, options: Partial<TransformOptions> = {}): string[] {
    const {
      dialect = "text",
      chunk,
      chunks,
      whole = true,
      atMs = AT_MS,
      between = () => undefined,
    } = { ...this.#options, ...options };
    const bytes = typeof page === "string" ? new TextEncoder().encode(page) : page;
    const sizes = chunks ?? [chunk ?? Math.max(1, bytes.length)];
    this.payloads = [];
    this.#output.begin("metric", (payload) => {
      this.payloads.push(payload);
      return undefined;
    });
    this.#reader.begin(dialect, atMs, this.#output);
    let at = 0;
    for (let turn = 0; at < bytes.length; turn++) {
      const size = sizes[turn % sizes.length] as number;
      this.#reader.push(bytes.slice(at, at + size));
      at += size;
      between();
    }
    this.#reader.end(whole);
    this.#output.flush(this.transform.counts);
    return this.payloads.flatMap(({ gzip }) => {
      return gunzipSync(gzip).toString("utf8").split("\n").slice(0, -1);
    });
  }
}

/** Lines of line protocol for one page. */
export function transformPage(page: string | Uint8Array, options: TransformOptions = {}): string[] {
  return new TransformedTarget(options).scrape(page);
}
