import { labelText } from "./label-text.ts";

/** Texts remembered, each in the one place its hash has; longer ones are not. */
const PLACES = 2048;
const MAX_BYTES = 96;

/** A text with its bytes. */
export interface KnownText {
  readonly bytes: Uint8Array;
  readonly text: string;
}

const places: (KnownText | undefined)[] = new Array(PLACES).fill(undefined);

/**
 * The text `bytes[start, end)` without escapes. One seen not long ago is found by its bytes (50
 * ns), which a decoder takes three times as long to turn into a text, and every map then as long
 * again to hash.
 */
export function knownText(bytes: Uint8Array, start: number, end: number): KnownText {
  const length = end - start;
  if (length > MAX_BYTES) {
    return { bytes: bytes.slice(start, end), text: labelText(bytes, start, end, false) };
  }
  let hash = length;
  for (let at = start; at < end; at++) {
    hash = Math.imul(hash, 31) + (bytes[at] as number);
  }
  const place = (hash ^ (hash >>> 11)) & (PLACES - 1);
  const known = places[place];
  if (known !== undefined && isText(known.bytes, bytes, start, end)) {
    return known;
  }
  const text = { bytes: bytes.slice(start, end), text: labelText(bytes, start, end, false) };
  places[place] = text;
  return text;
}

function isText(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) {
    return false;
  }
  for (let at = 0; at < known.length; at++) {
    if (known[at] !== bytes[start + at]) {
      return false;
    }
  }
  return true;
}
