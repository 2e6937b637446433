import { RE2JS } from "re2js";
import { matchesForm, type TextForm, textForms } from "./pattern-shape.ts";
import { RememberedAnswers } from "./remembered-answers.ts";
import type { Groups } from "./template.ts";

/**
 * A pattern that a whole text has to match. What says no more than some fixed texts, prefixes or
 * suffixes is answered by comparing; the rest by RE2. `.` matches line ends.
 */
export class AnchoredPattern {
  /** What it was reduced to; `re2`: nothing. */
  readonly kind: "any" | "exact" | "forms" | "re2";
  readonly source: string;
  readonly #exact: ReadonlySet<string> | undefined;
  readonly #forms: readonly TextForm[];
  #compiled: RE2JS | undefined;
  readonly #remembered = new RememberedAnswers<boolean>();

  /** Throws what `checkRegex` says where the pattern does not compile. */
  constructor(source: string) {
    this.source = source;
    const forms = textForms(source) ?? [];
    // What is answered without it needs it for groups only: of a thousand patterns few do.
    this.#compiled = forms.length === 0 ? compileAnchored(source) : undefined;
    this.#forms = forms;
    const exact = forms.every(({ before, after }) => before === undefined && after === undefined);
    this.#exact = forms.length > 0 && exact ? new Set(forms.map(({ text }) => text)) : undefined;
    this.kind = kindOf(forms, exact);
  }

  matches(text: string): boolean {
    switch (this.kind) {
      case "any":
        return true;
      case "exact":
        return this.#exact?.has(text) ?? false;
      case "forms":
        return this.#forms.some((form) => matchesForm(form, text));
      case "re2":
        return this.#ask(text);
    }
  }

  /** The groups of a text that matches, undefined for one that does not. */
  groups(text: string): Groups | undefined {
    if (this.kind !== "re2" && !this.matches(text)) {
      return undefined;
    }
    const re2 = this.#re2;
    const matcher = re2.matcher(text);
    if (!matcher.matches()) {
      return undefined;
    }
    const named = re2.namedGroups();
    return {
      byNumber: (number) => (number <= matcher.groupCount() ? (matcher.group(number) ?? "") : ""),
      byName: (name) => (Object.hasOwn(named, name) ? (matcher.group(name) ?? "") : ""),
    };
  }

  get #re2(): RE2JS {
    this.#compiled ??= compileAnchored(this.source);
    return this.#compiled;
  }

  #ask(text: string): boolean {
    const known = this.#remembered.get(text);
    if (known !== undefined) {
      return known;
    }
    const answer = this.#re2.matcher(text).matches();
    this.#remembered.set(text, answer);
    return answer;
  }
}

function compileAnchored(source: string): RE2JS {
  return RE2JS.compile(`^(?s:${source})$`);
}

/** What is wrong with a pattern of a rule, undefined where it compiles. */
export function checkRegex(source: string): string | undefined {
  try {
    compileAnchored(source);
    // `a)(b` would compile between the brackets that are put around it.
    RE2JS.compile(source);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function kindOf(forms: readonly TextForm[], exact: boolean): AnchoredPattern["kind"] {
  if (forms.length === 0) {
    return "re2";
  }
  if (exact) {
    return "exact";
  }
  const any = forms.some(({ text, before, after }) => text === "" && before === 0 && after === 0);
  return any ? "any" : "forms";
}
