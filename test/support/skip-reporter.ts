import type { Reporter, TestCase, TestModule } from "vitest/node";
import { servicesRequired } from "./services.ts";

/** Says at the end what was skipped and why. With `skipIsFailure` a skipped test fails the run. */
export class SkipReporter implements Reporter {
  readonly #skipIsFailure: boolean;
  readonly #print: (text: string) => void;

  constructor(
    skipIsFailure: boolean = servicesRequired(),
    print: (text: string) => void = (text) => process.stderr.write(text),
  ) {
    this.#skipIsFailure = skipIsFailure;
    this.#print = print;
  }

  onTestRunEnd(modules: readonly Pick<TestModule, "children">[]): void {
    const skipped = modules.flatMap((module) => [...module.children.allTests("skipped")]);
    if (skipped.length === 0) {
      return;
    }
    this.#print(`\nSkipped ${skipped.length}:\n${skipped.map(lineOf).join("")}`);
    if (this.#skipIsFailure) {
      this.#print("PROMLINE_REQUIRE_SERVICES is 1, so a skipped test is a failure.\n");
      process.exitCode = 1;
    }
  }
}

function lineOf(test: TestCase): string {
  const result = test.result();
  const note = result.state === "skipped" ? result.note : undefined;
  return `  ${test.fullName}: ${note ?? "no reason given"}\n`;
}
