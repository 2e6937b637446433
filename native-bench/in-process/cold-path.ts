import type { RulesConfig } from "../../src/rules/rules-config.ts";
import { compileRules } from "../../src/rules/rules-program.ts";
import type { LineCounts } from "../../src/scrape/line-counts.ts";
import { PageTransform } from "../../src/scrape/page-transform.ts";
import { PayloadWriter } from "../../src/scrape/payload-writer.ts";
import { KIB, MIB } from "../../src/units.ts";
import type { NameFilter } from "../workload/name-filter.ts";

const LIMITS = { lineBytes: MIB, labelsPerLine: 256, samples: 10_000_000 };
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
    this.#transform = new PageTransform(compileRules(rulesConfig(filter)).program, LIMITS);
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

/** What `contenders/promline-agent.ts` writes as TOML, as the cold path gets it. */
function rulesConfig(filter: NameFilter | undefined): RulesConfig {
  return {
    metricTypes: filter?.types ?? [],
    metricNameFilter: filter?.names ?? [],
    metricNameFilterIgnore: [],
    measurementPrefix: "",
    measurementName: "",
    measurements: [],
    keepExistMetricName: false,
    honorTimestamps: true,
    tagsIgnore: filter?.tagsIgnore ?? [],
    tagsRename: { overwriteExistTags: false, mapping: {} },
    ignoreTagKvMatch: {},
    disableInfoTag: false,
    overridingTags: {},
    addedTags: [
      ["host", "127.0.1.1"],
      ["instance", "127.0.1.1:9100"],
    ],
  };
}
