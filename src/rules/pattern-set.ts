import { RE2JS } from "re2js";

/** A pattern that did not compile: it is left out, as DataKit does, and said. */
export interface PatternFault {
  readonly pattern: string;
  readonly message: string;
}

/**
 * UTF-16 units of a text that are searched. RE2 is linear but slow, a name or value may have a
 * megabyte, and twenty patterns on that would hold the thread for seconds; what is longer than 1024
 * bytes is cut in the output anyway.
 */
const MAX_SEARCHED = 4096;

/**
 * RE2 (Go) patterns of which one must be found anywhere in a text. Linear time whatever the
 * pattern.
 */
export class PatternSet {
  readonly #literals: readonly string[];
  readonly #expressions: readonly RE2JS[];

  private constructor(literals: readonly string[], expressions: readonly RE2JS[]) {
    this.#literals = literals;
    this.#expressions = expressions;
  }

  /**
   * Compiles what compiles and adds the rest to `faults`. Undefined where nothing is left: then
   * there is no filter.
   */
  static compile(patterns: readonly string[], faults: PatternFault[]): PatternSet | undefined {
    const literals: string[] = [];
    const expressions: RE2JS[] = [];
    for (const pattern of patterns) {
      if (/^[A-Za-z0-9_:]+$/.test(pattern)) {
        literals.push(pattern);
        continue;
      }
      try {
        expressions.push(RE2JS.compile(pattern));
      } catch (error) {
        faults.push({ pattern, message: error instanceof Error ? error.message : String(error) });
      }
    }
    return literals.length + expressions.length === 0
      ? undefined
      : new PatternSet(literals, expressions);
  }

  test(whole: string): boolean {
    const text = whole.length > MAX_SEARCHED ? whole.slice(0, MAX_SEARCHED) : whole;
    return (
      this.#literals.some((literal) => text.includes(literal)) ||
      this.#expressions.some((expression) => expression.test(text))
    );
  }
}
