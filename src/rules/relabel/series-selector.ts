import { AnchoredPattern, checkRegex } from "./anchored-pattern.ts";
import type { LabelSet } from "./label-set.ts";
import { type LabelMatcher, SelectorReader, type SeriesSelector } from "./selector-reader.ts";

export type ParsedSelector =
  | { readonly kind: "selector"; readonly selector: SeriesSelector }
  | { readonly kind: "wrong"; readonly message: string };

/**
 * Reads `name{label="value",other=~"pattern"}` as PromQL and MetricsQL write it: a name, matchers,
 * or both; quoted names; `or` between groups, each of which the name in front belongs to; all three
 * kinds of quotes; comments.
 */
export function parseSelector(text: string): ParsedSelector {
  const reader = new SelectorReader(text);
  const selector = reader.selector();
  if (selector === undefined) {
    return { kind: "wrong", message: reader.trouble };
  }
  for (const { label, op, value } of selector.flat()) {
    const trouble = op === "=~" || op === "!~" ? checkRegex(value) : undefined;
    if (trouble !== undefined) {
      return { kind: "wrong", message: `the pattern of ${label} does not compile: ${trouble}` };
    }
  }
  return { kind: "selector", selector };
}

/**
 * Whether a series is one of those that any of these selectors means. Texts that do not parse match
 * nothing.
 */
export class SelectorProgram {
  readonly #groups: readonly (readonly ((labels: LabelSet) => boolean)[])[];

  constructor(texts: readonly string[]) {
    this.#groups = texts.flatMap((text) => {
      const parsed = parseSelector(text);
      return parsed.kind === "wrong" ? [] : parsed.selector.map((group) => group.map(compile));
    });
  }

  matches(labels: LabelSet): boolean {
    return this.#groups.some((group) => group.every((matches) => matches(labels)));
  }
}

function compile({ label, op, value }: LabelMatcher): (labels: LabelSet) => boolean {
  switch (op) {
    case "=":
      return (labels) => labels.get(label) === value;
    case "!=":
      return (labels) => labels.get(label) !== value;
    case "=~": {
      const pattern = new AnchoredPattern(value);
      return (labels) => pattern.matches(labels.get(label));
    }
    case "!~": {
      const pattern = new AnchoredPattern(value);
      return (labels) => !pattern.matches(labels.get(label));
    }
  }
}
