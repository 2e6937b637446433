import { skipBlanks, skipMetricName, skipQuoted, skipWord } from "./byte-scan.ts";
import type { Dialect } from "./dialect.ts";
import type { MetricType } from "./family-table.ts";
import { knownText } from "./known-texts.ts";
import { labelText } from "./label-text.ts";
import type { LineFault } from "./line-fault.ts";
import { isUtf8 } from "./utf8.ts";

const QUOTE = 0x22;

/** Longer than any word we know: spares decoding whatever a free comment holds. */
const MAX_WORD_BYTES = 16;

/** OpenMetrics words and the spellings that occur in text pages, lower case. */
const TYPES: ReadonlyMap<string, MetricType> = new Map([
  ["counter", "counter"],
  ["gauge", "gauge"],
  ["histogram", "histogram"],
  ["gaugehistogram", "histogram"],
  ["gauge_histogram", "histogram"],
  ["summary", "summary"],
  ["untyped", "untyped"],
  ["unknown", "untyped"],
  ["stateset", "gauge"],
  ["info", "info"],
]);

const OTHER: Comment = { kind: "other" };
const EOF: Comment = { kind: "eof" };
const BAD_METADATA: Comment = { kind: "fault", reason: "bad_metadata" };

export type Comment =
  | { readonly kind: "type"; readonly family: string; readonly type: MetricType }
  /** HELP, UNIT, and free comments: nothing that changes what follows. */
  | { readonly kind: "other" }
  /** The end of an OpenMetrics page: lines that follow, blank ones apart, are `after_eof`. */
  | { readonly kind: "eof" }
  | { readonly kind: "fault"; readonly reason: LineFault };

/**
 * Parses a line whose first byte after blanks is `#`. A TYPE line that names no family is a free
 * comment; one whose family or type nobody knows is a fault, and what was declared before stays.
 */
export function parseComment(
  bytes: Uint8Array,
  start: number,
  end: number,
  dialect: Dialect,
): Comment {
  const hash = skipBlanks(bytes, start, end);
  const word = skipBlanks(bytes, hash + 1, end);
  if (word === hash + 1) {
    return OTHER;
  }
  const wordEnd = skipWord(bytes, word, end);
  switch (asciiWord(bytes, word, wordEnd)) {
    case "TYPE":
      return parseType(bytes, skipBlanks(bytes, wordEnd, end), end);
    case "EOF":
      return dialect === "openmetrics" && skipBlanks(bytes, wordEnd, end) === end ? EOF : OTHER;
    default:
      return OTHER;
  }
}

/** From the family name on. */
function parseType(bytes: Uint8Array, start: number, end: number): Comment {
  if (start === end) {
    return OTHER;
  }
  const isQuoted = bytes[start] === QUOTE;
  const nameEnd = isQuoted ? skipQuoted(bytes, start + 1, end) : skipMetricName(bytes, start, end);
  if (nameEnd <= start || skipBlanks(bytes, nameEnd, end) === nameEnd) {
    return BAD_METADATA;
  }
  const word = skipBlanks(bytes, nameEnd, end);
  const wordEnd = skipWord(bytes, word, end);
  const type = TYPES.get(asciiWord(bytes, word, wordEnd).toLowerCase());
  if (type === undefined || skipBlanks(bytes, wordEnd, end) !== end) {
    return BAD_METADATA;
  }
  if (!isQuoted) {
    return { kind: "type", family: knownText(bytes, start, nameEnd).text, type };
  }
  if (nameEnd - start === 2 || !isUtf8(bytes, start + 1, nameEnd - 1)) {
    return BAD_METADATA;
  }
  return { kind: "type", family: labelText(bytes, start + 1, nameEnd - 1, true), type };
}

function asciiWord(bytes: Uint8Array, start: number, end: number): string {
  return end - start > MAX_WORD_BYTES ? "" : knownText(bytes, start, end).text;
}
