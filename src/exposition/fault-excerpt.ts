const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const TILDE = 0x7e;
const SPACE = 0x20;

const MAX_CHARS = 120;
const MASK = "***";
const ELLIPSIS = "…";

/**
 * The beginning of a refused line as it may be shown: printable ASCII, at most 120 characters, text
 * in quotes masked (label values may hold what nobody should read), any other byte as `\xNN`.
 */
export function faultExcerpt(bytes: Uint8Array, start: number, end: number): string {
  let shown = "";
  let at = start;
  while (at < end) {
    const byte = bytes[at] as number;
    let piece: string;
    if (byte === QUOTE) {
      const close = closingQuote(bytes, at + 1, end);
      piece = close === end ? `"${MASK}` : `"${MASK}"`;
      at = close;
    } else {
      piece = printable(byte);
    }
    if (shown.length + piece.length >= MAX_CHARS) {
      return shown + ELLIPSIS;
    }
    shown += piece;
    at++;
  }
  return shown;
}

/** The position of the quote that ends the text, `end` where none does. */
function closingQuote(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    if (bytes[at] === QUOTE) {
      return at;
    }
    if (bytes[at] === BACKSLASH) {
      at++;
    }
  }
  return end;
}

function printable(byte: number): string {
  if (byte >= SPACE && byte <= TILDE) {
    return String.fromCharCode(byte);
  }
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}
