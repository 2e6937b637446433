import type { ConfigIssue } from "./config-issue.ts";

/** Beyond this many the rest is only counted: a text may be hostile, and nobody reads more. */
const MOST_ISSUES = 200;
/**
 * Most that the patterns of one text may cost, in units of `compiledSize`; about 0.4 s of compiling on a slow core, where
 * real configurations stay below a hundredth.
 */
const PATTERN_BUDGET = 2_000_000;

/** The issues of one text, or of the agent's settings. */
export class IssueLog {
  readonly #issues: ConfigIssue[] = [];
  #errors = 0;
  #left = 0;
  #patternCost = 0;

  /** How many errors so far: a table is good when it added none. */
  get errors(): number {
    return this.#errors;
  }

  /** `issue` is asked for only where it will be kept. */
  add(severity: ConfigIssue["severity"], issue: () => ConfigIssue): void {
    this.#errors += severity === "error" ? 1 : 0;
    if (this.#issues.length < MOST_ISSUES) {
      this.#issues.push(issue());
    } else {
      this.#left += 1;
    }
  }

  /** In the order of the text; those without a position concern the whole and come first. */
  inOrder(file: string): ConfigIssue[] {
    const more: ConfigIssue[] =
      this.#left === 0
        ? []
        : [{ severity: "warning", file, key: "", message: `${this.#left} more issues, not shown` }];
    return [...this.#issues.toSorted(byPosition), ...more];
  }

  /** Whether a pattern may still be compiled. */
  affords(source: string): boolean {
    this.#patternCost += compiledSize(source);
    return this.#patternCost <= PATTERN_BUDGET;
  }
}

/** At least the size of the compiled pattern: its length times its repetitions, which RE2 holds at 1000 together. */
function compiledSize(source: string): number {
  let repetitions = 1;
  for (const [, least, most] of source.matchAll(/\{(\d{1,4})(?:,(\d{0,4}))?\}/g)) {
    repetitions = Math.min(1000, repetitions * Math.max(1, Number(least), Number(most ?? 0)));
  }
  return source.length * repetitions;
}

function byPosition(a: ConfigIssue, b: ConfigIssue): number {
  const lines = (a.position?.line ?? 0) - (b.position?.line ?? 0);
  return lines !== 0 ? lines : (a.position?.column ?? 0) - (b.position?.column ?? 0);
}
