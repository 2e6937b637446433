import { parse } from "@iarna/toml";
import type { ConfigIssue, Position } from "./config-issue.ts";
import type { Environment } from "./environment.ts";
import { type ExpandedText, expandVariables, isExpanded, originalOffset } from "./expansion.ts";
import { LineIndex } from "./line-index.ts";
import { findPlaces, lastKeyBefore, matches, type Place } from "./toml-places.ts";

/** A parsed TOML text and the way from its keys to where the user wrote them. */
export interface TomlDocument {
  readonly file: string;
  readonly root: Readonly<Record<string, unknown>>;
  /** Absent where positions are not certain: then no issue gets one. */
  readonly places?: Place;
  /** Position of an offset of the parsed text in the text as the user wrote it. */
  position(offset: number): Position;
  /** Whether the key or value there came from an environment variable: then it is not shown. */
  isFromEnvironment(start: number, end: number): boolean;
}

export type TomlOutcome =
  | { readonly kind: "ok"; readonly document: TomlDocument }
  | { readonly kind: "broken"; readonly issue: ConfigIssue };

/** Errors that the parser notices long after what caused them. */
const SPANS_LINES = /unterminated|redefine|inline array|comma/i;

/**
 * Parses a whole file. `environment` absent: nothing is expanded (annotations). Line ends become `\n` first, because the
 * parser refuses a `\r` in comments; no line or column changes by it.
 */
export function parseToml(source: string, file: string, environment?: Environment): TomlOutcome {
  const original = source.replace(/^\ufeff/, "").replaceAll("\r\n", "\n");
  const expanded =
    environment === undefined
      ? { text: original, replacements: [] }
      : expandVariables(original, environment);
  try {
    const root = parse(expanded.text);
    const places = findPlaces(expanded.text);
    const certain = places !== undefined && matches(places, root);
    const lines = new LineIndex(original);
    const document: TomlDocument = {
      file,
      root,
      ...(certain ? { places } : {}),
      position: (offset) => lines.position(originalOffset(expanded, offset)),
      isFromEnvironment: (start, end) => isExpanded(expanded, start, end),
    };
    return { kind: "ok", document };
  } catch (error) {
    return { kind: "broken", issue: syntaxIssue(error, original, expanded, file) };
  }
}

/**
 * What the parser found wrong. Its own column counts from 1 in the first line and from 0 in the others, so only its
 * offset is used (`pos`, from 1, up to two past the end). Its message goes on with lines of the file, secrets included:
 * only the first sentence is kept.
 */
function syntaxIssue(
  error: unknown,
  original: string,
  expanded: ExpandedText,
  file: string,
): ConfigIssue {
  const pos = error instanceof Error ? Reflect.get(error, "pos") : undefined;
  const reason = error instanceof Error ? error.message.replace(/ at row [\s\S]*$/, "") : "";
  const message = `not TOML: ${explain(reason)}`;
  if (typeof pos !== "number") {
    return { severity: "error", file, key: "", message };
  }
  const offset = Math.min(pos - 1, expanded.text.length);
  const lines = new LineIndex(original);
  const position = lines.position(originalOffset(expanded, offset));
  const key = SPANS_LINES.test(reason) ? lastKeyBefore(expanded.text, offset) : undefined;
  if (key === undefined || isExpanded(expanded, key.offset, key.offset + key.name.length)) {
    return { severity: "error", file, position, key: "", message };
  }
  const { line } = lines.position(originalOffset(expanded, key.offset));
  const begins = line === position.line ? "" : ` begins in line ${line}`;
  const about = `${message} (the key "${key.name}"${begins})`;
  return { severity: "error", file, position, key: "", message: about };
}

/** The parser names characters by number. */
function explain(reason: string): string {
  const text = reason.replace(/^Unknown character "(\d+)"$/, (_, code: string) => {
    return `unexpected character ${JSON.stringify(String.fromCodePoint(Number(code)))}`;
  });
  return text.charAt(0).toLowerCase() + text.slice(1);
}
