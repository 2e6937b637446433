/** What a match found. A group that took no part, or that there is none of, is empty. */
export interface Groups {
  byNumber(number: number): string;
  byName(name: string): string;
}

type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "label"; readonly name: string };

/**
 * A replacement or a target label: `$1`, `${1}`, `$name`, `${name}` and `$$` as Go's
 * `Regexp.Expand` reads them (a name is as long as it can be, what is malformed stays as it is),
 * and vmagent's `{{label}}` where `references` says so.
 */
export class Template {
  /** It asks for no group. */
  readonly groupless: boolean;
  /** The same text whatever it is given; undefined where it depends. */
  readonly constant: string | undefined;
  readonly #parts: readonly Part[];

  constructor(text: string, references: boolean) {
    this.#parts = references ? partsWithReferences(text) : partsOf(text);
    this.groupless = this.#parts.every(({ kind }) => kind === "text" || kind === "label");
    const texts = this.#parts.map((part) => (part.kind === "text" ? part.text : undefined));
    this.constant = texts.includes(undefined) ? undefined : texts.join("");
  }

  expand(groups: Groups | undefined, label: (name: string) => string): string {
    if (this.constant !== undefined) {
      return this.constant;
    }
    let text = "";
    for (const part of this.#parts) {
      switch (part.kind) {
        case "text":
          text += part.text;
          break;
        case "number":
          text += groups?.byNumber(part.number) ?? "";
          break;
        case "name":
          text += groups?.byName(part.name) ?? "";
          break;
        case "label":
          text += label(part.name);
          break;
      }
    }
    return text;
  }
}

/**
 * Text before, between and behind `{{label}}`, and these labels: texts stand at even places, names
 * of labels at odd ones.
 */
export function splitReferences(text: string): readonly string[] {
  const pieces: string[] = [];
  let rest = text;
  for (;;) {
    const open = rest.indexOf("{{");
    const close = open === -1 ? -1 : rest.indexOf("}}", open + 2);
    if (close === -1) {
      return [...pieces, rest];
    }
    pieces.push(rest.slice(0, open), rest.slice(open + 2, close));
    rest = rest.slice(close + 2);
  }
}

function partsWithReferences(text: string): Part[] {
  return splitReferences(text).flatMap((piece, place): Part[] =>
    place % 2 === 0 ? partsOf(piece) : [{ kind: "label", name: piece }],
  );
}

function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  // The name of a group is of letters, digits and underscores of any script.
  const pattern = /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu;
  let from = 0;
  for (const found of text.matchAll(pattern)) {
    if (found.index > from) {
      parts.push({ kind: "text", text: text.slice(from, found.index) });
    }
    const name = found[1] ?? found[2];
    parts.push(name === undefined ? { kind: "text", text: "$" } : groupPart(name));
    from = found.index + found[0].length;
  }
  if (from < text.length) {
    parts.push({ kind: "text", text: text.slice(from) });
  }
  return parts;
}

/** A number has no zero in front and at most eight digits; everything else is a name. */
function groupPart(name: string): Part {
  return /^(?:0|[1-9]\d{0,7})$/.test(name)
    ? { kind: "number", number: Number(name) }
    : { kind: "name", name };
}
