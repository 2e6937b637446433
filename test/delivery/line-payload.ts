import { gunzipSync, gzipSync } from "node:zlib";
import type { Category, Payload } from "../../src/payload.ts";

/** One payload of the lines, two samples a line. */
export function payloadOf(lines: readonly string[], category: Category = "metric"): Payload {
  const text = lines.map((line) => `${line}\n`).join("");
  return {
    category,
    gzip: Uint8Array.from(gzipSync(text)),
    rawBytes: Buffer.byteLength(text),
    points: lines.length,
    samples: 2 * lines.length,
  };
}

function textOf(gzip: Uint8Array): string {
  return gunzipSync(gzip).toString("utf8");
}

export function linesOf(gzip: Uint8Array): string[] {
  return textOf(gzip).split("\n").slice(0, -1);
}

/** `count` lines of `bytes` bytes each, line end included. */
export function numbered(count: number, bytes: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => {
    const end = ` v=${from + index} 1700000000000000000`;
    return `m${"x".repeat(bytes - end.length - 2)}${end}`;
  });
}
