// A byte order mark within a name or a value is part of it.
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The text of a name or value that `SampleLine` points at. `escaped`: it holds a backslash, so `\\`, `\"` and `\n` are
 * resolved; any other backslash stays as it is, as in Prometheus.
 */
export function labelText(bytes: Uint8Array, start: number, end: number, escaped: boolean): string {
  const text = UTF8.decode(bytes.subarray(start, end));
  return escaped ? text.replace(/\\([\\"n])/g, resolve) : text;
}

function resolve(_escape: string, letter: string): string {
  return letter === "n" ? "\n" : letter;
}
