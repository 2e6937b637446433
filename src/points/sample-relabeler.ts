import { SampleLine } from "../exposition/sample-line.ts";
import type { PageStop } from "../page-sink.ts";
import type { Label } from "../rules/relabel/label-set.ts";
import type { RelabelProgram } from "../rules/relabel/relabel-program.ts";
import { NAME_LABEL } from "../rules/relabel/relabel-rule.ts";
import { NO_SERIES_LIMITS } from "../rules/relabel/series-config.ts";
import type { RulesConfig } from "../rules/rules-config.ts";
import type { LineCounts } from "./line-counts.ts";
import { labelsOf } from "./sample-text.ts";
import { SeriesLimiter } from "./series-limiter.ts";

export type RelabelVerdict =
  /** The sample goes on as `line` and `bytes` of the relabeler say. */
  | { readonly kind: "kept"; readonly name: string }
  | { readonly kind: "dropped"; readonly by: "metric_relabel_configs" | "series_limit" }
  | { readonly kind: "stop"; readonly reason: PageStop };

const DROPPED_BY_RULE: RelabelVerdict = { kind: "dropped", by: "metric_relabel_configs" };
const DROPPED_BY_LIMIT: RelabelVerdict = { kind: "dropped", by: "series_limit" };
const NOTHING = new Uint8Array(0);

const encoder = new TextEncoder();

/**
 * Between the filters and the tags: gives a sample the name and the labels that relabel rules make
 * of them. Rules see what the page says, `le` and `quantile` included, and none of the tags that
 * are added later. What comes out is a sample line again, so that everything behind works as
 * without rules.
 */
export class SampleRelabeler {
  /** The sample that came out, over `bytes`; valid until the next call. */
  readonly line: SampleLine;
  bytes: Uint8Array = NOTHING;
  readonly #programs: readonly RelabelProgram[];
  readonly #limiter: SeriesLimiter;
  /** Names that labels must leave to the target's tags. */
  readonly #taken: ReadonlySet<string>;
  readonly #maxLabels: number;

  /**
   * Undefined where nothing is declared that would change or refuse a sample: then none comes here.
   */
  static of(
    rules: RulesConfig,
    programs: readonly RelabelProgram[],
    maxLabels: number,
  ): SampleRelabeler | undefined {
    return rules.series === undefined ? undefined : new SampleRelabeler(rules, programs, maxLabels);
  }

  private constructor(rules: RulesConfig, programs: readonly RelabelProgram[], maxLabels: number) {
    const { honorLabels = true, limits } = rules.series ?? {};
    this.#programs = programs;
    this.#limiter = new SeriesLimiter(limits ?? NO_SERIES_LIMITS);
    this.#taken = new Set(honorLabels ? [] : rules.addedTags.map(([name]) => name));
    this.#maxLabels = maxLabels;
    this.line = new SampleLine(maxLabels + 1);
  }

  begin(atMs: number): void {
    this.#limiter.begin(atMs);
  }

  /** Series that were within a limit on earlier pages may not be now, and the other way round. */
  get forgot(): boolean {
    return this.#limiter.forgot;
  }

  /** Samples the page may still have within `sample_limit`. */
  samplesLeft(counts: LineCounts): number {
    return this.#limiter.samplesLeft(counts);
  }

  /** `counts`: of the page, this sample included. */
  apply(line: SampleLine, bytes: Uint8Array, counts: LineCounts): RelabelVerdict {
    const labels = this.#relabel(this.#exported(labelsOf(line, bytes)));
    const name = labels?.find(([label]) => label === NAME_LABEL)?.[1];
    // A series without a name has nothing to name its field with.
    if (labels === undefined || name === undefined) {
      return DROPPED_BY_RULE;
    }
    const verdict = this.#limiter.judge(labels, counts);
    if (verdict === "drop") {
      return DROPPED_BY_LIMIT;
    }
    if (verdict !== "within") {
      return { kind: "stop", reason: verdict };
    }
    if (labels.length - 1 > this.#maxLabels) {
      return { kind: "stop", reason: "label_limit" };
    }
    this.#write(labels, line, bytes);
    return { kind: "kept", name };
  }

  #relabel(labels: readonly Label[]): readonly Label[] | undefined {
    let all: readonly Label[] | undefined = labels;
    for (const program of this.#programs) {
      all = all && program.apply(all);
    }
    return all;
  }

  /** `honor_labels = false`: as in Prometheus, `exported_` as often as it takes. */
  #exported(labels: readonly Label[]): readonly Label[] {
    if (this.#taken.size === 0) {
      return labels;
    }
    const names = new Set([...labels.map(([name]) => name), ...this.#taken]);
    return labels.map(([name, value]): Label => {
      let other = name;
      while (this.#taken.has(name) && names.has(other)) {
        other = `exported_${other}`;
      }
      names.add(other);
      return [other, value];
    });
  }

  /** Texts behind each other, then the value as it stood. */
  #write(labels: readonly Label[], from: SampleLine, bytes: Uint8Array): void {
    const { line } = this;
    const value = bytes.subarray(from.valueStart, from.valueEnd);
    const writer = new SpanWriter(this.bytes, labels, value.length);
    this.bytes = writer.bytes;
    line.labelCount = 0;
    line.nameEscaped = false;
    for (const [label, text] of labels) {
      if (label === NAME_LABEL) {
        line.nameStart = writer.at;
        line.nameEnd = writer.put(text);
        continue;
      }
      const span = 4 * line.labelCount;
      line.spans[span] = writer.at;
      line.spans[span + 1] = writer.put(label);
      line.spans[span + 2] = writer.at;
      line.spans[span + 3] = writer.put(text);
      line.escapes[line.labelCount] = 0;
      line.labelCount++;
    }
    line.valueStart = writer.at;
    line.valueEnd = writer.at + value.length;
    writer.bytes.set(value, writer.at);
    line.valueKind = from.valueKind;
    line.value = from.value;
    line.timestampMs = from.timestampMs;
  }
}

/** Writes texts as UTF-8 behind each other, into the old bytes where they have the room. */
class SpanWriter {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(old: Uint8Array, labels: readonly Label[], valueBytes: number) {
    const most = labels.reduce(
      (sum, [name, text]) => sum + 3 * (name.length + text.length),
      valueBytes,
    );
    this.bytes = old.length >= most ? old : new Uint8Array(2 * most);
  }

  /** Answers where the text ends. */
  put(text: string): number {
    this.at += encoder.encodeInto(text, this.bytes.subarray(this.at)).written;
    return this.at;
  }
}
