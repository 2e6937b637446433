import type { Dialect } from "../exposition/dialect.ts";
import { LineSplitter } from "../exposition/line-splitter.ts";
import { parseSampleLine } from "../exposition/parse-sample-line.ts";
import { SampleLine } from "../exposition/sample-line.ts";
import type { Label } from "../rules/relabel/label-set.ts";
import { MIB } from "../units.ts";
import { labelsOf } from "./sample-text.ts";

const MAX_LABELS = 1024;
const HASH = 0x23;

/**
 * Name and labels of each sample of a page, in its order; lines that are none are passed by. For
 * showing, not for scraping.
 */
export function pageSeries(page: Uint8Array, dialect: Dialect): (readonly Label[])[] {
  const found: (readonly Label[])[] = [];
  const line = new SampleLine(MAX_LABELS);
  const splitter = new LineSplitter(16 * MIB);
  const consumer = {
    line: (bytes: Uint8Array, start: number, end: number): void => {
      const blank = bytes.subarray(start, end).every((byte) => byte === 0x20 || byte === 0x09);
      if (blank || bytes[start] === HASH) {
        return;
      }
      if (parseSampleLine(bytes, start, end, dialect, line) === undefined) {
        found.push(labelsOf(line, bytes));
      }
    },
    tooLong: (): void => undefined,
  };
  splitter.push(page, consumer);
  splitter.end(consumer);
  return found;
}
