import {
  brotliCompressSync,
  constants,
  createZstdCompress,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createDecompressor, parseContentEncoding } from "../../src/fetch/decompressor.ts";
import type { FetchFault } from "../../src/fetch/fetch-fault.ts";
import { MIB } from "../../src/units.ts";

type Codings = Parameters<typeof createDecompressor>[0];

const LIMITS = { bodyBytes: 64 * MIB, decompressionRatio: 2000 };

const PACK = {
  gzip: (bytes: Buffer) => gzipSync(bytes),
  deflate: (bytes: Buffer) => deflateSync(bytes),
  br: (bytes: Buffer) =>
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } }),
  zstd: (bytes: Buffer) => zstdCompressSync(bytes),
};

/** What comes out of `pieces`, in chunks that are copied at once; a fault rejects. */
function unpack(codings: Codings, pieces: readonly Buffer[]): Promise<Buffer> {
  const out: Buffer[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  let drained = Promise.withResolvers<void>();
  const decompressor = createDecompressor(codings, LIMITS, {
    onBytes: (bytes) => {
      out.push(Buffer.from(bytes));
    },
    onDrain: () => drained.resolve(),
    onEnd: () => resolve(Buffer.concat(out)),
    onFault: reject,
  });
  const feed = async () => {
    for (const piece of pieces) {
      drained = Promise.withResolvers<void>();
      if (!decompressor.write(piece)) {
        await drained.promise;
      }
    }
    decompressor.end();
  };
  void feed();
  return promise;
}

function faultOf(codings: Codings, bytes: Buffer): Promise<FetchFault> {
  return unpack(codings, [bytes]).then(
    () => Promise.reject(new Error("no fault")),
    (fault: FetchFault) => fault,
  );
}

function split(bytes: Buffer, at: readonly number[]): Buffer[] {
  const cuts = [0, ...at.map((n) => n % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}

const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 4000 }),
  fc.string({ maxLength: 4000 }).map((s) => Buffer.from(s.repeat(20))),
);
const cuts = fc.array(fc.nat(), { maxLength: 8 });

test.for(["gzip", "deflate", "br", "zstd"] as const)("%s unpacks in any pieces", async (coding) => {
  await fc.assert(
    fc.asyncProperty(bodies, cuts, async (body, at) => {
      const plain = Buffer.from(body);
      const packed = PACK[coding](plain);
      expect((await unpack([coding], split(packed, at))).equals(plain)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("bare deflate is told from zlib", async () => {
  await fc.assert(
    fc.asyncProperty(bodies, cuts, async (body, at) => {
      const plain = Buffer.from(body);
      expect((await unpack(["deflate"], split(deflateRawSync(plain), at))).equals(plain)).toBe(
        true,
      );
    }),
    { numRuns: 60 },
  );
});

test("several gzip members are one body", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(bodies, { minLength: 1, maxLength: 4 }), cuts, async (parts, at) => {
      const packed = Buffer.concat(parts.map((part) => gzipSync(part)));
      const plain = Buffer.concat(parts.map((part) => Buffer.from(part)));
      expect((await unpack(["gzip"], split(packed, at))).equals(plain)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("any two stacked codings unpack", async () => {
  const plain = Buffer.from("up 1\n".repeat(50_000));
  for (const inner of ["gzip", "deflate", "br", "zstd"] as const) {
    for (const outer of ["gzip", "deflate", "br", "zstd"] as const) {
      const packed = PACK[outer](PACK[inner](plain));
      expect((await unpack([inner, outer], split(packed, [20, 100]))).equals(plain)).toBe(true);
    }
  }
});

describe("what is cut off is truncated", () => {
  const noise = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 2654435761) >>> 24));
  const packs: [string, Codings, Buffer][] = [
    ["gzip", ["gzip"], PACK.gzip(noise)],
    ["second gzip member", ["gzip"], Buffer.concat([PACK.gzip(noise), PACK.gzip(noise)])],
    ["zlib deflate", ["deflate"], PACK.deflate(noise)],
    ["bare deflate", ["deflate"], deflateRawSync(noise)],
    ["br", ["br"], PACK.br(noise)],
    ["zstd", ["zstd"], PACK.zstd(noise)],
    ["gzip in br", ["gzip", "br"], PACK.br(PACK.gzip(noise).subarray(0, -20))],
  ];
  test.for(packs)("%s", async ([, codings, packed]) => {
    const cut = codings.length === 2 ? packed : packed.subarray(0, packed.length - 6);
    expect(await faultOf(codings, cut)).toMatchObject({ reason: "truncated_body" });
  });
});

test.for(["gzip", "br", "zstd", "deflate"] as const)(
  "%s that is none is a content_encoding fault",
  async (coding) => {
    const trouble = await faultOf([coding], Buffer.from("hello, this is not compressed at all"));
    expect(trouble).toMatchObject({ reason: "content_encoding" });
    expect(trouble.detail).toContain(coding);
  },
);

test("a zstd frame with a window over 8 MiB is refused", async () => {
  const pack = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: 27 } });
  const parts: Buffer[] = [];
  pack.on("data", (part: Buffer) => parts.push(part));
  for (let i = 0; i < 20; i++) {
    pack.write(Buffer.alloc(1 << 20, i));
  }
  await new Promise((resolve) => pack.on("end", resolve).end());
  expect(await faultOf(["zstd"], Buffer.concat(parts))).toMatchObject({
    reason: "content_encoding",
  });
});

test("an empty body and padding after the end are no fault", async () => {
  expect(await unpack(["gzip"], [])).toHaveLength(0);
  expect(await unpack(["gzip", "br"], [])).toHaveLength(0);
  const padded = Buffer.concat([gzipSync("up 1\n"), Buffer.alloc(600)]);
  expect((await unpack(["gzip"], split(padded, [30, 60, 300]))).toString()).toBe("up 1\n");
});

test("nothing comes while it is paused, and what is behind waits", async () => {
  const packed = gzipSync(Buffer.alloc(4_000_000));
  let bytes = 0;
  const ended = Promise.withResolvers<void>();
  const decompressor = createDecompressor(["gzip"], LIMITS, {
    onBytes: (chunk) => {
      bytes += chunk.length;
      decompressor.pause();
      setImmediate(() => decompressor.resume());
    },
    onDrain: () => undefined,
    onEnd: ended.resolve,
    onFault: ended.reject,
  });
  decompressor.pause();
  decompressor.write(packed);
  decompressor.end();
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(bytes).toBe(0);
  decompressor.resume();
  await ended.promise;
  expect(bytes).toBe(4_000_000);
});

test.for([
  ["gzip", gzipSync("").subarray(0, 10)],
  ["zlib", deflateSync("").subarray(0, 2)],
] as const)(
  "empty blocks without end are stopped, in %s and as a stack's outer coding",
  async ([name, header]) => {
    const blocks = Buffer.alloc(2 * MIB, Buffer.from([0, 0, 0, 0xff, 0xff]));
    const coding = name === "gzip" ? "gzip" : "deflate";
    for (const codings of [[coding], ["gzip", coding]] as const) {
      const parts = Array.from({ length: 32 }, (_, at) =>
        blocks.subarray(at << 16, (at + 1) << 16),
      );
      await expect(unpack(codings, [header, ...parts])).rejects.toMatchObject({
        reason: "decompression_ratio",
      });
    }
  },
);

test("what stands between two codings is held to the limits of the text", async () => {
  const empty = gzipSync("");
  const members = Buffer.concat(Array.from({ length: 60_000 }, () => empty));
  await expect(unpack(["gzip", "gzip"], split(gzipSync(members), [4000]))).rejects.toMatchObject({
    reason: "decompression_ratio",
  });
  // One line, and padding that nobody reads.
  const padded = Buffer.concat([gzipSync("up 1\n"), Buffer.alloc(80 * MIB)]);
  await expect(unpack(["gzip", "gzip"], [gzipSync(padded)])).rejects.toMatchObject({
    reason: "decompression_ratio",
  });
});

test("nothing comes after destroy", async () => {
  const calls: string[] = [];
  const decompressor = createDecompressor(["gzip", "gzip"], LIMITS, {
    onBytes: () => calls.push("bytes"),
    onDrain: () => calls.push("drain"),
    onEnd: () => calls.push("end"),
    onFault: () => calls.push("fault"),
  });
  decompressor.write(gzipSync(gzipSync(Buffer.alloc(1_000_000))));
  decompressor.destroy();
  calls.length = 0;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(calls).toEqual([]);
});

test.for([
  ["", []],
  ["identity", []],
  ["GZIP", ["gzip"]],
  ["x-gzip", ["gzip"]],
  [" gzip , identity,br ", ["gzip", "br"]],
] as const)("content encoding %j is %j", ([header, codings]) => {
  expect(parseContentEncoding(header)).toEqual(codings);
});

test.for(["compress", "gzip, lzma", "gzip, gzip, gzip", "aes128gcm"])(
  "content encoding %j is refused",
  (header) => {
    expect(parseContentEncoding(header)).toMatchObject({ reason: "content_encoding" });
  },
);
