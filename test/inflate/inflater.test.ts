import { constants, deflateRawSync } from "node:zlib";
import { expect } from "vitest";
import { KIB } from "../../src/units.ts";
import { noise, pageLines } from "./deflate-streams.ts";
import { Rooms, inflateTest as test } from "./inflate-rooms.ts";

test.for([
  ["nothing", Buffer.alloc(0)],
  ["a byte", Buffer.from("x")],
  ["one byte again and again", Buffer.alloc(700_000, "a")],
  ["periods of 2 to 33 bytes", Buffer.concat(periods())],
  ["noise", noise(1, 300_000)],
  ["noise again, as far back as can be", twice(32 * KIB)],
  ["noise again, too far back to be found", twice(32 * KIB + 1)],
  ["a page", pageLines(20_000)],
] as const)("%s, by every level and strategy", ([, text]) => {
  const rooms = Rooms.open();
  const { Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED } = constants;
  const levels = Array.from({ length: 10 }, (_, level) => deflateRawSync(text, { level }));
  const others = [Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED].map((strategy) =>
    deflateRawSync(text, { strategy }),
  );
  for (const stream of [...levels, ...others]) {
    const result = rooms.inflate([stream]);
    expect(result.end).toBe("done");
    expect(result.text.equals(text)).toBe(true);
    expect(result.unread).toBe(0);
  }
});

function periods(): Buffer[] {
  return Array.from({ length: 32 }, (_, at) =>
    Buffer.alloc(1000 + at, Buffer.from("abcdefghijklmnopqrstuvwxyz0123456").subarray(0, at + 2)),
  );
}

function twice(distance: number): Buffer {
  return Buffer.concat([noise(7, distance), noise(7, distance)]);
}

test("a stream that is cut anywhere is the same stream", () => {
  const rooms = Rooms.open();
  const text = Buffer.concat([pageLines(60), noise(3, 300)]);
  for (const strategy of [constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED]) {
    const stream = deflateRawSync(text, { strategy });
    for (let at = 0; at <= stream.length; at++) {
      const result = rooms.inflate([stream.subarray(0, at), stream.subarray(at)]);
      expect(result).toMatchObject({ end: "done", unread: 0 });
      expect(result.text.equals(text)).toBe(true);
    }
    const bytes = Array.from(stream, (byte) => Uint8Array.of(byte));
    expect(rooms.inflate(bytes).text.equals(text)).toBe(true);
  }
});

test("what stands behind a stream is not read, wherever its input is cut", () => {
  const rooms = Rooms.open();
  const stream = deflateRawSync(pageLines(30));
  const behind = Buffer.from("behind the stream");
  const all = Buffer.concat([stream, behind]);
  for (let at = 0; at <= stream.length; at++) {
    const result = rooms.inflate([all.subarray(0, at), all.subarray(at)]);
    expect(result).toMatchObject({ end: "done", unread: behind.length });
    expect(rooms.unread().equals(behind)).toBe(true);
  }
});

test("streams in many rooms at a time do not mix", () => {
  const rooms = Rooms.open();
  const texts = Array.from({ length: 6 }, (_, at) =>
    Buffer.concat([pageLines(300 + at), noise(at, 70_000)]),
  );
  const streams = texts.map((text) => deflateRawSync(text));
  expect(
    rooms.interleaved(streams, 1000).map((text, at) => text.equals(texts[at] as Buffer)),
  ).toEqual(texts.map(() => true));
});

test.for([
  ["invalid block type", [0b111]],
  ["invalid length of a stored block", [0b001, 5, 0, 5, 0]],
  // 287 literals and lengths.
  ["invalid code lengths", [0b11110_10_1, 0, 0]],
  ["invalid code", fixed("11000110")],
  ["invalid distance too far back", fixed("0000001" + "00000")],
] as const)("%s", ([end, bytes]) => {
  expect(Rooms.open().inflate([Uint8Array.from(bytes)]).end).toBe(end);
});

/** The last block, in the fixed code, with these bits. */
function fixed(bits: string): number[] {
  const all = `110${bits}`.padEnd(64, "0");
  return (all.match(/.{8}/g) ?? []).map((byte) => Number.parseInt([...byte].reverse().join(""), 2));
}

test("a room is used again once it is released, and there is an end of rooms", () => {
  const { memory } = Rooms.open(5);
  const first = memory.take();
  const second = memory.take();
  expect(memory.take()).toBeUndefined();
  first?.release();
  expect(memory.take()).toBeDefined();
  expect(memory.take()).toBeUndefined();
  second?.release();
  expect(memory.take()).toBeDefined();
});
