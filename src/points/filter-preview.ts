import { parseComment } from "../exposition/comment-line.ts";
import type { Dialect } from "../exposition/dialect.ts";
import { FamilyTable } from "../exposition/family-table.ts";
import { labelText } from "../exposition/label-text.ts";
import { LineSplitter } from "../exposition/line-splitter.ts";
import { parseSampleLine } from "../exposition/parse-sample-line.ts";
import { SampleLine } from "../exposition/sample-line.ts";
import type { FilterRule } from "../rules/filter-rule.ts";
import type { RulesConfig } from "../rules/rules-config.ts";
import { compileRules, type RulesProgram } from "../rules/rules-program.ts";
import { MIB } from "../units.ts";

const MAX_LABELS = 1024;
const MAX_FAMILIES = 16_384;
const HASH = 0x23;

/** All samples of one name, and what the filters do to them. */
export interface NamePreview {
  readonly name: string;
  /** The filter that drops them. Undefined: kept. */
  readonly droppedBy: FilterRule | undefined;
  readonly series: number;
  /** Bytes of the page, line ends included. */
  readonly bytes: number;
}

/** What the filters by name and type do to each name of a page. For showing, not for scraping. */
export function previewFilters(
  page: Uint8Array,
  dialect: Dialect,
  rules: RulesConfig,
): readonly NamePreview[] {
  const preview = new FilterPreview(dialect, compileRules(rules).program);
  const splitter = new LineSplitter(16 * MIB);
  splitter.push(page, preview);
  splitter.end(preview);
  return preview.names;
}

class FilterPreview {
  readonly #dialect: Dialect;
  readonly #program: RulesProgram;
  readonly #families = new FamilyTable(MAX_FAMILIES);
  readonly #line = new SampleLine(MAX_LABELS);
  readonly #names = new Map<string, { -readonly [K in keyof NamePreview]: NamePreview[K] }>();

  constructor(dialect: Dialect, program: RulesProgram) {
    this.#dialect = dialect;
    this.#program = program;
  }

  get names(): readonly NamePreview[] {
    return [...this.#names.values()];
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    if (bytes[start] === HASH) {
      const comment = parseComment(bytes, start, end, this.#dialect);
      if (comment.kind === "type") {
        this.#families.declare(comment.family, comment.type);
      }
      return;
    }
    const line = this.#line;
    const blank = bytes.subarray(start, end).every((byte) => byte === 0x20 || byte === 0x09);
    if (blank || parseSampleLine(bytes, start, end, this.#dialect, line) !== undefined) {
      return;
    }
    const name = labelText(bytes, line.nameStart, line.nameEnd, line.nameEscaped);
    const verdict = this.#program.verdict(this.#families.roleOf(name, false), name);
    const droppedBy = verdict.kind === "filtered" ? verdict.rule : undefined;
    // A type that is declared in between may change the verdict.
    const key = `${droppedBy ?? ""} ${name}`;
    const known = this.#names.get(key) ?? { name, droppedBy, series: 0, bytes: 0 };
    known.series++;
    known.bytes += end - start + 1;
    this.#names.set(key, known);
  }

  tooLong(): void {}
}
