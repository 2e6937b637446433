import { gunzipSync } from "node:zlib";
import type { Dialect } from "../../src/exposition/dialect.ts";
import type { Payload } from "../../src/payload.ts";
import type { RulesConfig } from "../../src/rules/rules-config.ts";
import { compileRules } from "../../src/rules/rules-program.ts";
import { PageTransform, type TransformLimits } from "../../src/scrape/page-transform.ts";
import { PayloadWriter } from "../../src/scrape/payload-writer.ts";
import { rulesConfig } from "../rules/rules-config.ts";

export interface TransformOptions {
  readonly rules?: Partial<RulesConfig>;
  readonly limits?: Partial<TransformLimits>;
  readonly dialect?: Dialect;
  /** Bytes a chunk; the whole page at once where absent. */
  readonly chunk?: number;
  readonly whole?: boolean;
}

const LIMITS: TransformLimits = {
  lineBytes: 1024 * 1024,
  labelsPerLine: 256,
  samples: 1_000_000,
};

/** A transform for several pages of one target, its output as lines. */
export class TransformedTarget {
  readonly transform: PageTransform;
  readonly #output = new PayloadWriter();
  readonly #options: TransformOptions;
  payloads: Payload[] = [];

  constructor(options: TransformOptions) {
    this.#options = options;
    const { program } = compileRules(rulesConfig(options.rules));
    this.transform = new PageTransform(program, { ...LIMITS, ...options.limits });
  }

  /** Lines of line protocol for a page scraped at 1700000000 s. */
  scrape(page: string | Uint8Array): string[] {
    const { dialect = "text", chunk, whole = true } = this.#options;
    const bytes = typeof page === "string" ? new TextEncoder().encode(page) : page;
    this.payloads = [];
    this.#output.begin("metric", (payload) => {
      this.payloads.push(payload);
      return undefined;
    });
    this.transform.begin(dialect, 1_700_000_000_000, this.#output);
    for (let at = 0; at < bytes.length; at += chunk ?? bytes.length) {
      this.transform.push(bytes.slice(at, at + (chunk ?? bytes.length)));
    }
    this.transform.end(whole);
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
