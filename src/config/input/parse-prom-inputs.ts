import type { ConfigIssue, Position } from "../language/config-issue.ts";
import type { Environment } from "../language/environment.ts";
import { IssueLog } from "../language/issue-log.ts";
import { Reading } from "../language/reading.ts";
import { isTable } from "../language/schema.ts";
import { didYouMean } from "../language/suggestion.ts";
import { parseToml, type TomlDocument } from "../language/toml-document.ts";
import type { LocatedInput } from "./prom-input.ts";
import { readPromTable } from "./prom-table.ts";

export interface ParseOptions {
  /** As issues name the text: a path, or what else it came from. */
  readonly file: string;
  /** Variables for `$NAME`, and leave to open `ENC[file://…]`. `false`: all text is taken as written (pod annotations). */
  readonly expandEnvironment: Environment | false;
  /** `[inputs.prom]` beside `[[inputs.prom]]`, and `url` only in place of `urls`: files yes, annotations no. */
  readonly allowSingleTable: boolean;
  /** Hold intervals within 1s to 5m; the default. */
  readonly protectMode?: boolean;
  /** Keys and values that stand in where a table lacks them, in place of the defaults of the schema. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Sees each table as it was written, before anything of it is read; false: it is left out, and saying so is the caller's. */
  readonly screen?: (
    table: Readonly<Record<string, unknown>>,
    position: Position | undefined,
  ) => boolean;
}

export interface ParsedInputs {
  readonly inputs: readonly LocatedInput[];
  /** In the order of the text. */
  readonly issues: readonly ConfigIssue[];
}

/** A text may be hostile; split what is larger. */
const MOST_TABLES = 1000;

/** The good `[[inputs.prom]]` tables of a TOML text, and everything that is wrong with it. Never throws. */
export function parsePromInputs(text: string, options: ParseOptions): ParsedInputs {
  const environment = options.expandEnvironment === false ? undefined : options.expandEnvironment;
  const outcome = parseToml(text, options.file, environment);
  if (outcome.kind === "broken") {
    return { inputs: [], issues: [outcome.issue] };
  }
  const { document } = outcome;
  const log = new IssueLog();
  const context = { log, file: options.file, document, ...(environment && { environment }) };
  const at = new Reading(context, "", document.places);
  const inputs = readInputs(document, at, options);
  return { inputs, issues: log.inOrder(options.file) };
}

function readInputs(document: TomlDocument, at: Reading, options: ParseOptions): LocatedInput[] {
  const { inputs } = document.root;
  for (const name of Object.keys(document.root)) {
    if (name !== "inputs") {
      at.child(name).warn(`unknown key, ignored${didYouMean(name, ["inputs"])}`);
    }
  }
  if (inputs === undefined) {
    return [];
  }
  const here = at.child("inputs");
  if (!isTable(inputs)) {
    here.error("must be tables, each written as [[inputs.prom]]");
    return [];
  }
  const others = Object.keys(inputs).filter((name) => name !== "prom");
  if (others.length > 0) {
    const shown = others.map((name) => here.shownName(name));
    const hint = others.length === 1 ? didYouMean(others[0] ?? "", ["prom"]) : "";
    here.child(others[0] ?? "").warn(`not collected here: ${shown.join(", ")}${hint}`);
  }
  return readPromTables(Reflect.get(inputs, "prom"), here.child("prom"), options);
}

function readPromTables(prom: unknown, at: Reading, options: ParseOptions): LocatedInput[] {
  if (prom === undefined) {
    return [];
  }
  if (isTable(prom)) {
    if (options.allowSingleTable) {
      return readOne(prom, at, options);
    }
    at.error("must be written as [[inputs.prom]] here");
    return [];
  }
  if (!Array.isArray(prom) || !prom.every(isTable)) {
    at.error("must be tables, each written as [[inputs.prom]]");
    return [];
  }
  if (prom.length > MOST_TABLES) {
    at.error(`${prom.length} tables are more than the ${MOST_TABLES} that one text may have`);
    return [];
  }
  return prom.flatMap((table, index) => readOne(table, at.element(index), options));
}

function readOne(
  table: Readonly<Record<string, unknown>>,
  at: Reading,
  options: ParseOptions,
): LocatedInput[] {
  if (options.screen?.(table, at.position) === false) {
    return [];
  }
  const input = readPromTable({ ...options.defaults, ...table }, at, {
    protect: options.protectMode ?? true,
    addUrl: !options.allowSingleTable,
    zeroInterval: !options.allowSingleTable,
  });
  const { position } = at;
  return input === undefined ? [] : [{ input, file: options.file, ...(position && { position }) }];
}
