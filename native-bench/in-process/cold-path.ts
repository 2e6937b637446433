import type { LineCounts } from "../../src/points/line-counts.ts";
import { PageTransform } from "../../src/points/page-transform.ts";
import { PayloadWriter } from "../../src/points/payload-writer.ts";
import { NO_SERIES_LIMITS } from "../../src/rules/relabel/series-config.ts";
import { checkedRule } from "../../src/rules/relabel/validate-rule.ts";
import type { RulesConfig } from "../../src/rules/rules-config.ts";
import { compileRules } from "../../src/rules/rules-program.ts";
import { KIB } from "../../src/units.ts";
import type { NameFilter } from "../workload/name-filter.ts";
import type { RawRule } from "../workload/relabel-rules.ts";
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

  constructor(filter: NameFilter | undefined, relabel: readonly RawRule[] = []) {
    const rules = { ...benchRules(filter), ...(relabel.length > 0 && seriesConfig(relabel)) };
    this.#transform = new PageTransform(compileRules(rules).program, benchLimits);
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

function seriesConfig(raw: readonly RawRule[]): Pick<RulesConfig, "series"> {
  const checks = { flavour: "prometheus", names: "utf8" } as const;
  const rules = raw.map((one) => {
    const read = checkedRule(one, checks);
    if (read.kind === "wrong") {
      throw new Error(read.message);
    }
    return read.rule;
  });
  const relabel = [{ flavour: "prometheus", rules }] as const;
  return { series: { relabel, honorLabels: true, limits: NO_SERIES_LIMITS } };
}
