import { unescapeInto } from "./unescape.ts";

// A byte order mark within a name or a value is part of it.
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The text of a name or value that `SampleLine` points at. `escaped`: it holds a backslash, so its
 * escapes are resolved.
 */
export function labelText(bytes: Uint8Array, start: number, end: number, escaped: boolean): string {
  if (!escaped) {
    return UTF8.decode(bytes.subarray(start, end));
  }
  const plain = new Uint8Array(end - start);
  return UTF8.decode(plain.subarray(0, unescapeInto(plain, bytes, start, end)));
}
