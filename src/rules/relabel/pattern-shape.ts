/**
 * One way for a text to match: `text` with at least so many characters before and after it.
 * Undefined bounds: none may stand there. `foo` is exact, `foo.*` a prefix, `.+foo` a suffix with
 * something before it, `.*` everything.
 */
export interface TextForm {
  readonly text: string;
  readonly before: number | undefined;
  readonly after: number | undefined;
}

/** More alternatives than this are left to the regular expression. */
const MAX_FORMS = 256;

type Token = string | 0 | 1;
/** Alternatives, each a sequence of literal text and of `.*` (0) and `.+` (1). */
type Sequences = readonly (readonly Token[])[];

/**
 * The forms of an anchored pattern that says no more than literal text, `.*`, `.+`, alternatives
 * and groups; undefined for every other pattern. `.` matches line ends, as it does in relabel
 * rules.
 */
export function textForms(pattern: string): readonly TextForm[] | undefined {
  const reader = new ShapeReader(pattern);
  const sequences = reader.alternatives();
  if (sequences === undefined || !reader.ended) {
    return undefined;
  }
  const forms: TextForm[] = [];
  for (const sequence of sequences) {
    const form = formOf(joined(sequence));
    if (form === undefined) {
      return undefined;
    }
    forms.push(form);
  }
  return forms;
}

export function matchesForm(form: TextForm, text: string): boolean {
  const { text: wanted, before, after } = form;
  if (before === undefined) {
    return after === undefined
      ? text === wanted
      : text.startsWith(wanted) && text.length >= wanted.length + after;
  }
  if (after === undefined) {
    return text.endsWith(wanted) && text.length >= wanted.length + before;
  }
  const at = text.indexOf(wanted, before);
  // Beyond the end of a text its end is where nothing is found.
  return at >= before && at + wanted.length + after <= text.length;
}

class ShapeReader {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  get ended(): boolean {
    return this.#at === this.#pattern.length;
  }

  alternatives(): Sequences | undefined {
    const all: (readonly Token[])[] = [];
    do {
      const sequences = this.#sequence();
      if (sequences === undefined || all.length + sequences.length > MAX_FORMS) {
        return undefined;
      }
      all.push(...sequences);
    } while (this.#take("|"));
    return all;
  }

  #sequence(): Sequences | undefined {
    let built: Sequences = [[]];
    while (!this.ended && !"|)".includes(this.#peek())) {
      const next = this.#part();
      if (next === undefined || this.#takesQuantifier() || built.length * next.length > MAX_FORMS) {
        return undefined;
      }
      built = built.flatMap((left) => next.map((right) => [...left, ...right]));
    }
    return built;
  }

  #part(): Sequences | undefined {
    if (this.#take("(")) {
      return this.#group();
    }
    if (this.#take(".")) {
      return this.#dots();
    }
    if (this.#take("\\")) {
      const escaped = this.#next();
      return /^[!-/:-@[-`{-~]$/.test(escaped) ? [[escaped]] : undefined;
    }
    if (this.#takesAnchor()) {
      return [[]];
    }
    const literal = this.#next();
    return /[$^*+?{}[\]]/.test(literal) ? undefined : [[literal]];
  }

  #group(): Sequences | undefined {
    if (this.#take("?")) {
      const opening = /^(?::|P?<\w+>)/.exec(this.#pattern.slice(this.#at));
      if (opening === null) {
        return undefined;
      }
      this.#at += opening[0].length;
    }
    const inside = this.alternatives();
    return this.#take(")") ? inside : undefined;
  }

  #dots(): Sequences | undefined {
    const token = this.#take("*") ? 0 : this.#take("+") ? 1 : undefined;
    // A lazy quantifier finds other groups and the same texts.
    this.#take("?");
    return token === undefined ? undefined : [[token]];
  }

  /**
   * An anchor says nothing where only brackets stand between it and the end of the pattern: that is
   * anchored anyway.
   */
  #takesAnchor(): boolean {
    const before = this.#pattern.slice(0, this.#at);
    const after = this.#pattern.slice(this.#at + 1);
    return /^(?:\((?:\?:)?|\^)*$/.test(before)
      ? this.#take("^")
      : /^[)$]*$/.test(after) && this.#take("$");
  }

  #takesQuantifier(): boolean {
    return !this.ended && "*+?{".includes(this.#peek());
  }

  #peek(): string {
    return this.#pattern.charAt(this.#at);
  }

  #next(): string {
    const code = this.#pattern.codePointAt(this.#at);
    const text = code === undefined ? "" : String.fromCodePoint(code);
    this.#at += text.length;
    return text;
  }

  #take(text: string): boolean {
    const found = this.#peek() === text;
    this.#at += found ? 1 : 0;
    return found;
  }
}

/** Neighbouring literals become one, and so do neighbouring `.*` and `.+`. */
function joined(sequence: readonly Token[]): readonly Token[] | undefined {
  const all: Token[] = [];
  for (const token of sequence) {
    const last = all.at(-1);
    if (typeof last === "string" && typeof token === "string") {
      all[all.length - 1] = last + token;
    } else if (typeof last === "number" && typeof token === "number") {
      if (last + token > 1) {
        // Two characters at least: in UTF-16 that is not two units.
        return undefined;
      }
      all[all.length - 1] = last === 1 || token === 1 ? 1 : 0;
    } else {
      all.push(token);
    }
  }
  return all;
}

function formOf(tokens: readonly Token[] | undefined): TextForm | undefined {
  if (tokens === undefined) {
    return undefined;
  }
  const [first, second, third, fourth] = tokens;
  if (first === undefined) {
    return { text: "", before: undefined, after: undefined };
  }
  if (typeof first === "number") {
    if (second === undefined) {
      return { text: "", before: first, after: 0 };
    }
    return typeof second === "string" && typeof third !== "string" && fourth === undefined
      ? { text: second, before: first, after: third }
      : undefined;
  }
  return typeof second !== "string" && third === undefined
    ? { text: first, before: undefined, after: second }
    : undefined;
}
