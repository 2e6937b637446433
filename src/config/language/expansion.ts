import type { Environment } from "./environment.ts";

/** A variable that was replaced: where in the new text, and where it stood. Offsets in UTF-16 units, ends exclusive. */
interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly originalStart: number;
  readonly originalEnd: number;
}

/** A text with its variables replaced, and the way back to what the user wrote. */
export interface ExpandedText {
  readonly text: string;
  readonly replacements: readonly Replacement[];
}

const VARIABLE = /\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g;

/**
 * Replaces `$NAME` and `${NAME}` by the environment variable where one of that name exists, as DataKit does: anywhere in
 * the text, with `"` and `\` escaped. Line ends are escaped too, so that a value never adds a line to the file.
 */
export function expandVariables(original: string, environment: Environment): ExpandedText {
  const replacements: Replacement[] = [];
  let text = "";
  let copied = 0;
  for (const match of original.matchAll(VARIABLE)) {
    const value = lookUp(environment, match[1] ?? match[2] ?? "");
    if (value === undefined) {
      continue;
    }
    text += original.slice(copied, match.index);
    const start = text.length;
    text += escapeForToml(value);
    copied = match.index + match[0].length;
    replacements.push({
      start,
      end: text.length,
      originalStart: match.index,
      originalEnd: copied,
    });
  }
  return { text: text + original.slice(copied), replacements };
}

/** Names in `value` that look like variables and are not set. */
export function unsetVariables(value: string, environment: Environment): string[] {
  const names = [...value.matchAll(VARIABLE)].map((match) => match[1] ?? match[2] ?? "");
  return names.filter((name) => lookUp(environment, name) === undefined);
}

/** Where an offset of the new text was in the original; inside a replaced variable: where that one begins. */
export function originalOffset(expanded: ExpandedText, offset: number): number {
  let shift = 0;
  for (const replacement of expanded.replacements) {
    if (offset < replacement.start) {
      break;
    }
    if (offset < replacement.end) {
      return replacement.originalStart;
    }
    shift = replacement.originalEnd - replacement.end;
  }
  return offset + shift;
}

/** Whether any of the text from `start` to `end` came from a variable. */
export function isExpanded(expanded: ExpandedText, start: number, end: number): boolean {
  return expanded.replacements.some((one) => one.start < end && one.end > start);
}

function lookUp(environment: Environment, name: string): string | undefined {
  return Object.hasOwn(environment, name) ? environment[name] : undefined;
}

function escapeForToml(value: string): string {
  return value
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r");
}
