import { constants, deflateRawSync, type ZlibOptions } from "node:zlib";
import fc from "fast-check";

const piece = fc.oneof(
  fc.uint8Array({ maxLength: 600 }).map(Buffer.from),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 3000 }))
    .map(([text, times]) => Buffer.alloc(text.length * times, text)),
  fc.integer({ min: 0, max: 900 }).map(pageLines),
  fc.tuple(fc.nat(), fc.integer({ min: 0, max: 70_000 })).map(([seed, size]) => noise(seed, size)),
);

/** Text of every kind: lines of pages, repetitions of short periods, noise. */
export const texts = fc
  .array(piece, { maxLength: 5 })
  .map((pieces) => Buffer.concat([...pieces, ...pieces.slice(0, 2)]));

const options: fc.Arbitrary<ZlibOptions> = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  memLevel: fc.integer({ min: 1, max: 9 }),
  windowBits: fc.integer({ min: 9, max: 15 }),
  strategy: fc.constantFrom(
    constants.Z_DEFAULT_STRATEGY,
    constants.Z_FILTERED,
    constants.Z_HUFFMAN_ONLY,
    constants.Z_RLE,
    constants.Z_FIXED,
  ),
});

/** A text and a stream of it, made of parts with options of their own, with empty blocks between them. */
export const streams = fc
  .array(fc.tuple(texts, options), { minLength: 1, maxLength: 3 })
  .map((parts) => ({
    text: Buffer.concat(parts.map(([text]) => text)),
    stream: Buffer.concat(
      parts.map(([text, own], index) => {
        const isLast = index === parts.length - 1;
        const finishFlush = isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
        return deflateRawSync(text, { ...own, finishFlush });
      }),
    ),
  }));

/** Where a stream is cut into pieces, as parts of its length. */
export const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

/** A change to a stream: a bit, a byte, bytes taken out or put in, an end too early. */
export const damages = fc.tuple(
  fc.constantFrom("bit", "byte", "without", "twice", "end"),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.nat({ max: 255 }),
);

export function damaged(stream: Uint8Array, [kind, where, value]: DamageOf): Buffer {
  const at = Math.min(stream.length - 1, Math.floor(where * stream.length));
  const copy = Buffer.from(stream);
  switch (kind) {
    case "bit":
      copy[at] = (copy[at] ?? 0) ^ (1 << (value & 7));
      return copy;
    case "byte":
      copy[at] = value;
      return copy;
    case "without":
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + 1 + (value >> 4))]);
    case "twice":
      return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.max(0, at - value))]);
    case "end":
      return copy.subarray(0, at);
  }
}

type DamageOf = typeof damages extends fc.Arbitrary<infer Value> ? Value : never;

export function pieces(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = at.map((part) => Math.floor(part * bytes.length)).sort((a, b) => a - b);
  return [0, ...places].map((start, index) => bytes.subarray(start, places[index]));
}

export function pageLines(count: number): Buffer {
  const lines = Array.from({ length: count }, (_, line) => {
    const labels = `pod="reviews-${line >> 3}",code="${[200, 404, 500][line % 3]}",le="${line % 16}"`;
    return `istio_request_duration_milliseconds_bucket{${labels}} ${(line * 7919) % 100_003}\n`;
  });
  return Buffer.from(lines.join(""));
}

export function noise(seed: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed | 1;
  for (let at = 0; at < size; at++) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    bytes[at] = state >>> 24;
  }
  return bytes;
}
