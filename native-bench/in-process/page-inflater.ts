import { createGunzip, gunzipSync, gzipSync } from "node:zlib";
import { createDecompressor } from "../../src/fetch/decompressor.ts";
import { KIB, MIB } from "../../src/units.ts";

/** What a socket gives at a time. */
const READ_BYTES = 64 * KIB;
const LIMITS = { bodyBytes: 256 * MIB, decompressionRatio: 2000 };

/** A page as a target that compresses sends it, back to text. Each way answers with the bytes of text. */
export class PageInflater {
  readonly #packed: Buffer;
  readonly #reads: readonly Buffer[];

  /** Level 6 is what Go's exporters take. */
  constructor(page: Buffer) {
    const packed = gzipSync(page, { level: 6 });
    this.#packed = packed;
    this.#reads = Array.from({ length: Math.ceil(packed.length / READ_BYTES) }, (_, at) =>
      packed.subarray(at * READ_BYTES, (at + 1) * READ_BYTES),
    );
  }

  /** As a lane does it, checks and limits included. */
  run(): number {
    let bytes = 0;
    const decompressor = createDecompressor(["gzip"], LIMITS, {
      onBytes: (text) => {
        bytes += text.length;
      },
      onDrain: () => undefined,
      onEnd: () => undefined,
      onFault: ({ detail }) => {
        throw new Error(detail);
      },
    });
    for (const read of this.#reads) {
      decompressor.write(read);
    }
    decompressor.end();
    return bytes;
  }

  /** As a lane did it before: zlib on the thread pool, a chunk at a time. */
  stream(): Promise<number> {
    let bytes = 0;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const stream = createGunzip({ chunkSize: READ_BYTES });
    stream.on("data", (text: Buffer) => {
      bytes += text.length;
    });
    stream.on("end", () => resolve(bytes));
    stream.on("error", reject);
    for (const read of this.#reads) {
      // A socket's memory is used again for the next read.
      stream.write(Buffer.from(read));
    }
    stream.end();
    return promise;
  }

  /** zlib without stream and thread pool, the page whole. */
  sync(): number {
    return gunzipSync(this.#packed, { chunkSize: READ_BYTES }).length;
  }
}
