import type { Label } from "./label-set.ts";
import { NAME_LABEL } from "./relabel-rule.ts";

export type ParsedLabels =
  | { readonly kind: "labels"; readonly labels: readonly Label[] }
  | { readonly kind: "wrong"; readonly message: string };

/**
 * `name{label="value",…}`, labels by name. Names stand as they are, values are quoted as Go quotes.
 */
export function labelsText(labels: readonly Label[]): string {
  const name = labels.find(([label]) => label === NAME_LABEL)?.[1] ?? "";
  const others = labels
    .filter(([label]) => label !== NAME_LABEL)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([label, value]) => `${label}=${quoted(value)}`);
  return name !== "" && others.length === 0 ? name : `${name}{${others.join(",")}}`;
}

/**
 * Reads what `labelsText` writes; names of labels may hold anything but `=` and blanks, or stand in
 * quotes.
 */
export function parseLabelsText(text: string): ParsedLabels {
  const found = /^\s*([^{\s]*)\s*(?:\{(.*)\})?\s*$/s.exec(text);
  if (found === null) {
    return { kind: "wrong", message: 'is not of the form name{label="value",…}' };
  }
  const [, name = "", inside = ""] = found;
  const labels = new Map<string, string>(name === "" ? [] : [[NAME_LABEL, name]]);
  const part =
    /\s*(?:"((?:[^"\\]|\\.)*)"|([^\s="',]+))\s*=\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*(?:,\s*|$)/suy;
  while (part.lastIndex < inside.length && inside.slice(part.lastIndex).trim() !== "") {
    const from = part.lastIndex;
    const label = part.exec(inside);
    if (label === null) {
      const near = JSON.stringify(inside.slice(from, from + 30));
      return { kind: "wrong", message: `cannot be read at ${near}: wanted label="value"` };
    }
    labels.set(
      unquoted(label[1] ?? "") || (label[2] ?? ""),
      unquoted((label[3] ?? "").slice(1, -1)),
    );
  }
  return { kind: "labels", labels: [...labels] };
}

function quoted(value: string): string {
  const escaped = value.replace(/["\\]/g, "\\$&").replace(/\p{Cc}/gu, escapeControl);
  return `"${escaped}"`;
}

const LETTERS: Readonly<Record<string, string>> = { "\n": "n", "\r": "r", "\t": "t" };

function escapeControl(one: string): string {
  const letter = LETTERS[one];
  return letter === undefined
    ? `\\x${one.charCodeAt(0).toString(16).padStart(2, "0")}`
    : `\\${letter}`;
}

function unquoted(text: string): string {
  return text.replace(/\\(x[\da-fA-F]{2}|.)/gsu, (_whole, code: string) => {
    if (code.length === 3) {
      return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    }
    return { n: "\n", r: "\r", t: "\t" }[code] ?? code;
  });
}
