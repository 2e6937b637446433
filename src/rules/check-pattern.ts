import { RE2JS } from "re2js";

/**
 * What is wrong with a pattern in Go's RE2 syntax, in the words of the compiler; undefined where it
 * compiles.
 */
export function checkPattern(source: string): string | undefined {
  try {
    RE2JS.compile(source);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
