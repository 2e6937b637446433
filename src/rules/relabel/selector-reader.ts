import { NAME_LABEL } from "./relabel-rule.ts";

/** `label op "value"`. A label that a series lacks has no value. */
export interface LabelMatcher {
  readonly label: string;
  readonly op: "=" | "!=" | "=~" | "!~";
  readonly value: string;
}

/** Groups of matchers, one of which has to match as a whole. */
export type SeriesSelector = readonly (readonly LabelMatcher[])[];

const BLANKS = /(?:\s|#[^\n]*(?:\n|$))*/y;
/**
 * Names as MetricsQL has them: any letter, dots and colons behind it, everything else behind a
 * backslash.
 */
const NAME = /(?:[\p{L}_:]|\\.)(?:[\p{L}\p{Nd}_:.]|\\.)*/uy;
const OPERATOR = /=~|!~|!=|=/y;
const OR = /or(?![\p{L}\p{Nd}_:.\\])/iuy;
const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Reads one series selector; `trouble` says what stopped it. */
export class SelectorReader {
  trouble = "";
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skipBlanks();
  }

  selector(): SeriesSelector | undefined {
    const name = this.#name();
    const groups = this.#take("{") ? this.#groups() : name === undefined ? undefined : [[]];
    if (groups === undefined) {
      return this.#wrong("a name or { is missing");
    }
    if (this.#at < this.#text.length) {
      return this.#wrong("nothing more may stand");
    }
    if (name === undefined) {
      return groups;
    }
    const matcher: LabelMatcher = { label: NAME_LABEL, op: "=", value: name };
    return groups.map((group) => [matcher, ...group]);
  }

  #groups(): SeriesSelector | undefined {
    const groups: LabelMatcher[][] = [];
    do {
      const group = this.#group();
      if (group === undefined) {
        return undefined;
      }
      groups.push(group);
    } while (this.#match(OR) !== undefined);
    return this.#take("}") ? groups : this.#wrong("a comma or } is missing");
  }

  #group(): LabelMatcher[] | undefined {
    const group: LabelMatcher[] = [];
    while (this.#peek() !== "}" && !this.#standsAt(OR)) {
      const matcher = this.#matcher();
      if (matcher === undefined) {
        return undefined;
      }
      group.push(matcher);
      if (!this.#take(",")) {
        break;
      }
    }
    return group;
  }

  #matcher(): LabelMatcher | undefined {
    const quoted = this.#isQuote();
    const label = quoted ? this.#string() : this.#name();
    if (label === undefined) {
      return this.#wrong("the name of a label is missing");
    }
    const op = this.#match(OPERATOR) as LabelMatcher["op"] | undefined;
    if (op === undefined) {
      return quoted
        ? { label: NAME_LABEL, op: "=", value: label }
        : this.#wrong("=, !=, =~ or !~ is missing");
    }
    const value = this.#isQuote() ? this.#string() : undefined;
    return value === undefined ? this.#wrong("a value in quotes is missing") : { label, op, value };
  }

  #name(): string | undefined {
    return this.#match(NAME)?.replace(/\\(.)/gsu, "$1");
  }

  #isQuote(): boolean {
    return this.#peek() !== "" && "\"'`".includes(this.#peek());
  }

  /** Strings next to each other with `+` between them are one, as in MetricsQL. */
  #string(): string | undefined {
    const quote = this.#peek();
    const close = this.#closing(quote);
    if (close === -1) {
      return undefined;
    }
    const raw = this.#text.slice(this.#at + 1, close);
    this.#at = close + 1;
    this.#skipBlanks();
    const text = quote === "`" ? raw : unescaped(raw);
    if (!this.#take("+")) {
      return text;
    }
    const more = this.#isQuote() ? this.#string() : undefined;
    return more === undefined ? undefined : text + more;
  }

  #closing(quote: string): number {
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      if (this.#text.charAt(at) === quote) {
        return at;
      }
      if (this.#text.charAt(at) === "\\" && quote !== "`") {
        at++;
      }
    }
    return -1;
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #take(text: string): boolean {
    if (this.#peek() !== text) {
      return false;
    }
    this.#at++;
    this.#skipBlanks();
    return true;
  }

  #standsAt(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    return pattern.test(this.#text);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) {
      this.#at += found.length;
      this.#skipBlanks();
    }
    return found;
  }

  #skipBlanks(): void {
    BLANKS.lastIndex = this.#at;
    this.#at += BLANKS.exec(this.#text)?.[0].length ?? 0;
  }

  #wrong(what: string): undefined {
    this.trouble ||= `${what} at character ${this.#at + 1} of ${JSON.stringify(this.#text)}`;
    return undefined;
  }
}

function unescaped(raw: string): string {
  const pattern = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gsu;
  return raw.replace(pattern, (_whole, hex, four, eight, octal, one: string | undefined) => {
    if (one !== undefined) {
      return ESCAPES[one] ?? one;
    }
    const code =
      octal === undefined ? Number.parseInt(hex ?? four ?? eight, 16) : Number.parseInt(octal, 8);
    return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
  });
}
