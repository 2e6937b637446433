import type { Position } from "./config-issue.ts";

/** Finds lines and columns of one text without walking it from the start each time. */
export class LineIndex {
  readonly #text: string;
  readonly #starts: number[] = [0];

  constructor(text: string) {
    this.#text = text;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
      this.#starts.push(at + 1);
    }
  }

  /** Line and column of an offset, both from 1, the column in characters (one outside the BMP is one, not two). */
  position(offset: number): Position {
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return { line: low + 1, column: this.#characters(this.#starts[low] ?? 0, offset) + 1 };
  }

  #characters(start: number, end: number): number {
    let count = 0;
    for (let at = start; at < Math.min(end, this.#text.length); count++) {
      at += (this.#text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    }
    return count;
  }
}
