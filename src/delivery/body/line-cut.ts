import type { Category } from "../../payload.ts";

const LINE_FEED = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The position after the line of line protocol that starts at `from`. A line end within a string field is not one, which
 * only category logging can have (specification, 4.4): metric points need no more than a search for the byte.
 */
function lineEnd(text: Uint8Array, from: number, category: Category): number {
  if (category === "metric") {
    const at = text.indexOf(LINE_FEED, from);
    return at < 0 ? text.length : at + 1;
  }
  return endOfQuoting(text, startOfFields(text, from));
}

/** The first space that no backslash precedes ends measurement and tags, where a quote is a byte like any other. */
function startOfFields(text: Uint8Array, from: number): number {
  let at = from;
  while (at < text.length && (text[at] !== SPACE || text[at - 1] === BACKSLASH)) {
    at += 1;
  }
  return at;
}

function endOfQuoting(text: Uint8Array, from: number): number {
  let quoted = false;
  for (let at = from; at < text.length; at += 1) {
    const byte = text[at];
    if (byte === BACKSLASH) {
      at += 1;
    } else if (byte === QUOTE) {
      quoted = !quoted;
    } else if (byte === LINE_FEED && !quoted) {
      return at + 1;
    }
  }
  return text.length;
}

/** A stretch of text made of whole lines. */
export interface Cut {
  readonly from: number;
  readonly to: number;
  readonly lines: number;
}

/** Cuts text at line ends into stretches of at most `most` bytes; a line longer than that is a stretch of its own. */
export function* cutLines(text: Uint8Array, most: number, category: Category): Generator<Cut> {
  let from = 0;
  let to = 0;
  let lines = 0;
  while (to < text.length) {
    const end = lineEnd(text, to, category);
    if (lines > 0 && end - from > most) {
      yield { from, to, lines };
      from = to;
      lines = 0;
    }
    to = end;
    lines += 1;
  }
  if (lines > 0) {
    yield { from, to, lines };
  }
}
