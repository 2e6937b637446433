import { randomBytes } from "node:crypto";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Deflater } from "../../src/deflate/deflater.ts";
import { KIB } from "../../src/units.ts";
import { loadWasm } from "../../src/wasm-file.ts";

const file = loadWasm("deflate");
const deflateTest = test.skipIf(file.kind === "missing");

function open(): Deflater {
  if (file.kind === "missing") {
    throw new Error(`${file.reason}: npm run build`);
  }
  return new Deflater(file.module);
}

/** Compresses, has zlib inflate it, and answers the compressed bytes. */
function through(deflater: Deflater, raw: Uint8Array): number {
  const stream = deflater.deflate(raw);
  expect(inflateRawSync(stream).equals(raw)).toBe(true);
  return stream.length;
}

function lines(count: number, value: (line: number) => string): Buffer {
  const text = Array.from({ length: count }, (_, line) => {
    const code = [200, 404, 500, 503][line % 4];
    const tags = `destination_service=reviews-${line >> 2}.prod.svc.cluster.local,host=127.0.0.1,response_code=${code}`;
    return `istio,${tags},source_workload=payment-${line % 7} requests_total=${value(line)} 1763740005000000000\n`;
  });
  return Buffer.from(text.join(""));
}

const piece = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 2000 }))
    .map(([text, times]) => Buffer.alloc(text.length * times, text)),
  fc
    .string({ unit: fc.constantFrom("a", "b", "=", "1", "2", "\n"), maxLength: 3000 })
    .map(Buffer.from),
  fc.integer({ min: 0, max: 500 }).map((count) => lines(count, (line) => String(line * 7919))),
);
const input = fc
  .array(piece, { maxLength: 12 })
  .map((pieces) => Buffer.concat([...pieces, ...pieces.slice(0, 3)]));

deflateTest("any bytes, one text after the other, are inflated to what they were", () => {
  const deflater = open();
  fc.assert(
    fc.property(input, (all) => {
      const raw = all.subarray(0, deflater.maxBytes);
      expect(through(deflater, raw)).toBeLessThan(raw.length * 1.01 + 16);
    }),
    { numRuns: 400 },
  );
});

deflateTest.each([
  ["nothing", Buffer.alloc(0)],
  ["a byte", Buffer.from("x")],
  ["one byte again and again", Buffer.alloc(288 * KIB)],
  ["noise", randomBytes(288 * KIB)],
  ["noise again, just out of reach", repeated(32 * KIB + 1)],
  ["noise again, just within reach", repeated(32 * KIB)],
  ["values of which each is half as frequent as the one before", halving()],
])("%s", (_name, raw) => {
  const deflater = open();
  expect(raw.length).toBeLessThanOrEqual(deflater.maxBytes);
  expect(through(deflater, raw)).toBeLessThan(raw.length * 1.01 + 16);
});

function repeated(distance: number): Buffer {
  const noise = randomBytes(distance);
  return Buffer.concat([noise, noise, noise]);
}

/** The codes of the rare ones would be longer than a code may be. Shuffled, so that they are not written as matches. */
function halving(): Buffer {
  const values = Array.from({ length: 20 }, (_, at) =>
    Array<number>(2 ** (14 - Math.min(at, 14))).fill(at),
  ).flat();
  const order = values.map((_, at) => Math.imul(at, 0x9e3779b1) >>> 0);
  return Buffer.from(
    values
      .map((value, at) => [order[at] ?? 0, value] as const)
      .sort(([a], [b]) => a - b)
      .map(([, value]) => value),
  );
}

deflateTest("what was compressed long ago is not taken for near", () => {
  const deflater = open();
  const zeros = Buffer.alloc(deflater.maxBytes);
  const text = lines(300, String);
  const alone = through(deflater, text);
  // Places are counted on from input to input, and start over after 1.8 GB.
  for (let round = 0; round < 6500; round++) {
    deflater.deflate(zeros);
    if (round % 500 === 0) {
      expect(through(deflater, text)).toBe(alone);
    }
  }
  expect(through(deflater, text)).toBe(alone);
});

deflateTest.each([
  ["counters", lines(800, (line) => String(line * 7919))],
  ["fractions", lines(800, (line) => String(Math.sin(line)))],
  ["a hundred lines", lines(100, String)],
  ["one line", lines(1, String)],
])("line protocol is as large as by zlib's level 1, or smaller: %s", (_name, raw) => {
  const zlib = deflateRawSync(raw, { level: constants.Z_BEST_SPEED }).length;
  expect(through(open(), raw) / zlib).toBeLessThan(1.03);
});
