import { crc32, deflateRawSync, gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { createDecompressor } from "../../src/fetch/decompressor.ts";
import type { DecompressorOwner } from "../../src/fetch/decompressor-owner.ts";
import type { FetchFault } from "../../src/fetch/fetch-fault.ts";
import { type Gunzip, openGunzip } from "../../src/fetch/gunzip.ts";
import { StageBytes } from "../../src/fetch/stage-bytes.ts";
import { KIB, MIB } from "../../src/units.ts";
import { loadWasm } from "../../src/wasm-file.ts";
import {
  cuts,
  damaged,
  damages,
  noise,
  pageLines,
  pieces,
  texts,
} from "../inflate/deflate-streams.ts";

const gunzipTest = test.skipIf(loadWasm("inflate").kind === "missing");

const LIMITS = { bodyBytes: 64 * MIB, decompressionRatio: 2000 };

interface HeaderParts {
  readonly extra?: Uint8Array;
  readonly name?: string;
  readonly comment?: string;
  readonly ownCrc: boolean;
  readonly isText: boolean;
}

/** A member with the parts of a header that gzip's own never has (RFC 1952, 2.3). */
function member(text: Uint8Array, { extra, name, comment, ownCrc, isText }: HeaderParts): Buffer {
  const flags =
    (isText ? 1 : 0) |
    (ownCrc ? 2 : 0) |
    (extra === undefined ? 0 : 4) |
    (name === undefined ? 0 : 8) |
    (comment === undefined ? 0 : 16);
  const parts = [Buffer.from([0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 3])];
  if (extra !== undefined) {
    parts.push(Buffer.from([extra.length & 0xff, extra.length >> 8]), Buffer.from(extra));
  }
  for (const words of [name, comment]) {
    if (words !== undefined) {
      parts.push(Buffer.from(`${words}\0`, "latin1"));
    }
  }
  if (ownCrc) {
    const crc = crc32(Buffer.concat(parts)) & 0xffff;
    parts.push(Buffer.from([crc & 0xff, crc >> 8]));
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(text));
  trailer.writeUInt32LE(text.length, 4);
  return Buffer.concat([...parts, deflateRawSync(text), trailer]);
}

const words = fc.string({ unit: fc.constantFrom("a", "b", "é"), maxLength: 30 });
const headers = fc.record(
  {
    extra: fc.uint8Array({ maxLength: 300 }),
    name: words,
    comment: words,
    ownCrc: fc.boolean(),
    isText: fc.boolean(),
  },
  { requiredKeys: ["ownCrc", "isText"] },
);
const members = fc
  .array(fc.tuple(texts, headers), { minLength: 1, maxLength: 3 })
  .map((parts) => Buffer.concat(parts.map(([text, header]) => member(text, header))));

class Told implements DecompressorOwner {
  readonly out: Buffer[] = [];
  readonly calls: string[] = [];
  fault: FetchFault | undefined;
  #onChunk: () => void = () => undefined;

  eachChunk(call: () => void): void {
    this.#onChunk = call;
  }

  get text(): Buffer {
    return Buffer.concat(this.out);
  }

  onBytes(bytes: Uint8Array): void {
    this.calls.push("bytes");
    this.out.push(Buffer.from(bytes));
    this.#onChunk();
  }

  onDrain(): void {
    this.calls.push("drain");
  }

  onEnd(): void {
    this.calls.push("end");
  }

  onFault(fault: FetchFault): void {
    this.calls.push("fault");
    this.fault = fault;
  }
}

function open(limits = LIMITS): { told: Told; gunzip: Gunzip } {
  const told = new Told();
  const gunzip = openGunzip(new StageBytes(limits), told);
  if (gunzip === undefined) {
    throw new Error("npm run build");
  }
  return { told, gunzip };
}

function unpack(parts: readonly Uint8Array[], limits = LIMITS): Told {
  const { told, gunzip } = open(limits);
  for (const part of parts) {
    // What came in is overwritten at once, as the next read of a socket does.
    const copy = Uint8Array.from(part);
    gunzip.write(copy);
    copy.fill(0xff);
  }
  gunzip.end();
  return told;
}

gunzipTest("members with headers of every kind, in any pieces", () => {
  fc.assert(
    fc.property(members, cuts, (packed, at) => {
      const told = unpack(pieces(packed, at));
      expect(told.calls.at(-1)).toBe("end");
      expect(told.text.equals(gunzipSync(packed))).toBe(true);
    }),
    { numRuns: 150 },
  );
});

gunzipTest("a damaged body is refused where zlib refuses it", () => {
  let refused = 0;
  fc.assert(
    fc.property(members, damages, cuts, (packed, how, at) => {
      const broken = damaged(packed, how);
      fc.pre(broken.length > 0);
      const told = unpack(pieces(broken, at));
      const wanted = byZlib(broken);
      expect(told.calls.at(-1)).toBe(wanted === undefined ? "fault" : "end");
      if (wanted === undefined) {
        refused++;
      } else {
        expect(told.text.equals(wanted)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
  expect(refused).toBeGreaterThan(0);
});

function byZlib(packed: Buffer): Buffer | undefined {
  try {
    return gunzipSync(packed);
  } catch {
    return;
  }
}

const HELLO = gzipSync("hello");
/** With a header that says that its CRC-16 stands in it. */
const ODD_CRC = member(Buffer.from("x"), { ownCrc: true, isText: false });

describe("what follows a member, and what is wrong with one", () => {
  gunzipTest.for([
    ["zeros", Buffer.concat([HELLO, Buffer.alloc(700)]), "hello"],
    [
      "zeros, and a member that nobody reads",
      Buffer.concat([HELLO, Buffer.alloc(1), HELLO]),
      "hello",
    ],
    ["another member", Buffer.concat([HELLO, HELLO]), "hellohello"],
    ["nothing", Buffer.alloc(0), ""],
  ] as const)("%s", ([, packed, text]) => {
    for (const parts of [[packed], Array.from(packed, (byte) => Uint8Array.of(byte))]) {
      const told = unpack(parts);
      expect(told.fault).toBeUndefined();
      expect(told.text.toString()).toBe(text);
    }
  });

  gunzipTest.for([
    ["garbage", Buffer.concat([HELLO, Buffer.from("garbage")]), "incorrect header check"],
    ["another method", Buffer.from([0x1f, 0x8b, 7]), "unknown compression method"],
    ["unknown flags", Buffer.from([0x1f, 0x8b, 8, 0x20]), "unknown header flags set"],
    ["the header's own CRC", flipped(ODD_CRC, 10), "header crc mismatch"],
    ["the text's CRC", flipped(HELLO, HELLO.length - 8), "incorrect data check"],
    ["the text's length", flipped(HELLO, HELLO.length - 4), "incorrect length check"],
    ["the stream", flipped(HELLO, 10, 4), "invalid block type"],
  ] as const)("%s is a fault", ([, packed, detail]) => {
    const { fault } = unpack([packed]);
    expect(fault).toMatchObject({ reason: "content_encoding" });
    expect(fault?.detail).toBe(`not valid gzip data: ${detail}`);
  });

  gunzipTest("an end within a member, at whatever byte, is a fault", () => {
    const packed = Buffer.concat([HELLO, ODD_CRC]);
    for (let at = 1; at < packed.length; at++) {
      const { fault } = unpack([packed.subarray(0, at)]);
      expect(fault?.reason).toBe(at === HELLO.length ? undefined : "truncated_body");
    }
  });
});

function flipped(bytes: Buffer, at: number, mask = 1): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ mask;
  return copy;
}

describe("each stage's bytes count", () => {
  const emptyMembers = Buffer.concat(Array.from({ length: 3000 }, () => gzipSync("")));
  const emptyBlocks = Buffer.alloc(60 * KIB, Buffer.from([0, 0, 0, 0xff, 0xff]));

  gunzipTest.for([
    ["empty members", [emptyMembers]],
    ["empty blocks", [HELLO.subarray(0, 10), emptyBlocks]],
    [
      "a comment",
      [Buffer.from([0x1f, 0x8b, 8, 16, 0, 0, 0, 0, 0, 3]), Buffer.alloc(60 * KIB, "c")],
    ],
  ] as const)("%s without end are stopped after a MiB", ([, [first, rest]]) => {
    const { told, gunzip } = open();
    gunzip.write(first);
    let taken = 0;
    while (told.fault === undefined && taken < 4 * MIB) {
      gunzip.write(rest ?? first);
      taken += (rest ?? first).length;
    }
    expect(told.fault).toMatchObject({ reason: "decompression_ratio" });
    expect(taken).toBeLessThan(1.2 * MIB);
    expect(told.calls).toEqual(["fault"]);
  });

  gunzipTest("text that grows by compression is none of that", () => {
    // A member of its own for every line.
    const line = gzipSync('istio_requests_total{pod="reviews-v1",code="200"} 1234567\n');
    const packed = Buffer.concat(Array.from({ length: 30_000 }, () => line));
    expect(packed.length).toBeGreaterThan(2 * MIB);
    expect(unpack(pieces(packed, [0.1, 0.3, 0.9])).fault).toBeUndefined();
  });

  gunzipTest("a bomb is stopped by the ratio and by the limit of the body", () => {
    const packed = gzipSync(Buffer.alloc(20 * MIB));
    expect(unpack([packed], { ...LIMITS, decompressionRatio: 500 }).fault).toMatchObject({
      reason: "decompression_ratio",
    });
    const told = unpack([packed], { ...LIMITS, bodyBytes: 5 * MIB });
    expect(told.fault).toMatchObject({ reason: "body_limit" });
    expect(told.text.length).toBeLessThanOrEqual(5 * MIB);
  });
});

gunzipTest("a chunk is 64 KiB at most, so that the replay kernel takes it whole", () => {
  const told = unpack([
    gzipSync(Buffer.concat([Buffer.alloc(MIB), noise(1, MIB), pageLines(9000)])),
  ]);
  expect(Math.max(...told.out.map(({ length }) => length))).toBeLessThanOrEqual(64 * KIB);
});

gunzipTest(
  "a pause holds at once, whatever is written meanwhile, and a drain tells its end",
  () => {
    const text = pageLines(6000);
    const packed = gzipSync(text);
    const parts = pieces(packed, [0.2, 0.4, 0.6]);
    const { told, gunzip } = open();
    told.eachChunk(() => gunzip.pause());
    const answers = parts.map((part) => gunzip.write(part));
    expect(answers).toEqual([false, false, false, false]);
    gunzip.end();
    expect(told.calls).toEqual(["bytes"]);
    for (let turns = 0; turns < 100 && !told.calls.includes("end"); turns++) {
      gunzip.resume();
    }
    expect(told.calls.filter((call) => call !== "bytes")).toEqual(["drain", "end"]);
    expect(told.text.equals(text)).toBe(true);
  },
);

gunzipTest("nothing comes after it was destroyed within a call, and its room is free again", () => {
  const packed = gzipSync(pageLines(9000));
  for (let round = 0; round < 200; round++) {
    const { told, gunzip } = open();
    told.eachChunk(() => gunzip.destroy());
    expect([gunzip.write(packed), gunzip.write(packed)]).toEqual([true, true]);
    gunzip.end();
    gunzip.resume();
    expect(told.calls).toEqual(["bytes"]);
  }
});

gunzipTest("there is an end of rooms: zlib takes the bodies beyond", async () => {
  const all = Array.from({ length: 64 }, () => open());
  expect(openGunzip(new StageBytes(LIMITS), new Told())).toBeUndefined();
  const told = new Told();
  const beyond = createDecompressor(["gzip"], LIMITS, told);
  beyond.write(HELLO);
  beyond.end();
  await vi.waitFor(() => expect(told.calls.at(-1)).toBe("end"));
  expect(told.text.toString()).toBe("hello");
  for (const { gunzip } of all) {
    gunzip.destroy();
  }
  expect(unpack([HELLO]).text.toString()).toBe("hello");
});
