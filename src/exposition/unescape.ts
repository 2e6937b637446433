const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const LETTER_N = 0x6e;
const LINE_FEED = 0x0a;

/**
 * Writes quoted text without its escapes to `target` from offset 0 on and answers how many bytes
 * that made, never more than `end - start`. Only `\\`, `\"` and `\n` are escapes; before any other
 * byte a backslash stands for itself (text format 0.0.4 as its parsers read it).
 */
export function unescapeInto(
  target: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  let length = 0;
  for (let at = start; at < end; at++) {
    let byte = bytes[at] as number;
    if (byte === BACKSLASH && at + 1 < end) {
      const next = bytes[at + 1] as number;
      if (next === BACKSLASH || next === QUOTE) {
        byte = next;
        at++;
      } else if (next === LETTER_N) {
        byte = LINE_FEED;
        at++;
      }
    }
    target[length] = byte;
    length++;
  }
  return length;
}
