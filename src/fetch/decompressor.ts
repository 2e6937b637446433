import type { Transform } from "node:stream";
import zlib from "node:zlib";
import type { ScrapeLimits } from "../scrape-limits.ts";
import { KIB } from "../units.ts";
import type { Decompressor, DecompressorOwner } from "./decompressor-owner.ts";
import { type FetchFault, fault } from "./fetch-fault.ts";
import { openGunzip } from "./gunzip.ts";
import { StageBytes } from "./stage-bytes.ts";

const CODINGS = ["gzip", "deflate", "br", "zstd"] as const;
type Coding = (typeof CODINGS)[number];

const MAX_CODINGS = 2;
/** CPU for 7.7 MB of text: 16 KiB (the default) 15 to 22 ms, 64 KiB 6.5 ms, 256 KiB 5.3 ms for four times the memory. */
const CHUNK_BYTES = 64 * KIB;
/** A frame that asks for a larger window than 8 MiB is not for HTTP (RFC 9659, 3). */
const ZSTD_WINDOW_LOG = 23;

/** What `Content-Encoding` asks for, in the order in which it was applied; empty: the body is plain. */
export function parseContentEncoding(header: string): readonly Coding[] | FetchFault {
  const codings: Coding[] = [];
  for (const part of header.split(",")) {
    const name = part.trim().toLowerCase().replace(/^x-/, "");
    if (name === "" || name === "identity") {
      continue;
    }
    const coding = CODINGS.find((known) => known === name);
    if (coding === undefined) {
      return fault("content_encoding", `unknown content encoding ${JSON.stringify(name)}`);
    }
    codings.push(coding);
  }
  return codings.length > MAX_CODINGS
    ? fault("content_encoding", `${codings.length} stacked content encodings`)
    : codings;
}

/** Limits that each coding of a body is held to. */
export type StageLimits = Pick<ScrapeLimits, "bodyBytes" | "decompressionRatio">;

/** `codings` has one or two entries; the last one applied is undone first. */
export function createDecompressor(
  codings: readonly Coding[],
  limits: StageLimits,
  owner: DecompressorOwner,
): Decompressor {
  const [inner, outer] = codings;
  if (inner === undefined) {
    throw new Error("no content coding");
  }
  if (outer !== undefined) {
    return new Chain(outer, inner, limits, owner);
  }
  return openStage(inner, limits, owner);
}

/** gzip is what targets answer with: our inflater undoes it in a fraction of zlib's time. */
function openStage(coding: Coding, limits: StageLimits, owner: DecompressorOwner): Decompressor {
  const bytes = new StageBytes(limits);
  const gunzip = coding === "gzip" ? openGunzip(bytes, owner) : undefined;
  return gunzip ?? new Stage(coding, bytes, owner);
}

/** One coding, undone by one zlib stream on the thread pool. */
class Stage implements Decompressor {
  readonly #coding: Coding;
  readonly #bytes: StageBytes;
  readonly #owner: DecompressorOwner;
  #stream: Transform | undefined;
  #paused = false;
  #inputEnded = false;
  #outputEnded = false;
  #destroyed = false;

  constructor(coding: Coding, bytes: StageBytes, owner: DecompressorOwner) {
    this.#coding = coding;
    this.#bytes = bytes;
    this.#owner = owner;
  }

  write(bytes: Uint8Array): boolean {
    const [first] = bytes;
    // What follows the end of the compressed data is padding; Go's readers pass over it too.
    if (first === undefined || this.#outputEnded || this.#destroyed) {
      return true;
    }
    const trouble = this.#bytes.take(bytes.length);
    if (trouble !== undefined) {
      this.#fail(trouble);
      return true;
    }
    this.#stream ??= this.#open(first);
    return this.#stream.write(Buffer.from(bytes));
  }

  end(): void {
    this.#inputEnded = true;
    if (this.#stream === undefined || this.#outputEnded) {
      // An empty body is an empty page whatever coding it claims.
      queueMicrotask(() => this.#finish());
    } else {
      this.#stream.end();
    }
  }

  pause(): void {
    this.#paused = true;
    this.#stream?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#stream?.resume();
  }

  destroy(): void {
    this.#destroyed = true;
    this.#stream?.destroy();
  }

  #open(first: number): Transform {
    const stream = openStream(this.#coding, first);
    stream.on("data", (bytes: Uint8Array) => this.#give(bytes));
    stream.on("drain", () => {
      if (!this.#destroyed) {
        this.#owner.onDrain();
      }
    });
    stream.on("end", () => {
      this.#outputEnded = true;
      if (this.#inputEnded) {
        this.#finish();
      }
    });
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (!this.#destroyed) {
        this.#fail(decodeFault(this.#coding, error));
      }
    });
    if (this.#paused) {
      stream.pause();
    }
    return stream;
  }

  #give(bytes: Uint8Array): void {
    if (this.#destroyed) {
      return;
    }
    const trouble = this.#bytes.give(bytes.length);
    if (trouble === undefined) {
      this.#owner.onBytes(bytes);
    } else {
      this.#fail(trouble);
    }
  }

  #fail(trouble: FetchFault): void {
    this.destroy();
    this.#owner.onFault(trouble);
  }

  #finish(): void {
    if (!this.#destroyed) {
      this.#destroyed = true;
      this.#owner.onEnd();
    }
  }
}

/** Two codings: the text of the outer one is the compressed input of the inner one. */
class Chain implements Decompressor {
  readonly #outer: Decompressor;
  readonly #inner: Decompressor;

  constructor(outer: Coding, inner: Coding, limits: StageLimits, owner: DecompressorOwner) {
    this.#inner = openStage(inner, limits, {
      onBytes: (bytes) => owner.onBytes(bytes),
      onDrain: () => this.#outer.resume(),
      onEnd: () => owner.onEnd(),
      onFault: (trouble) => owner.onFault(trouble),
    });
    this.#outer = openStage(outer, limits, {
      onBytes: (bytes) => {
        if (!this.#inner.write(bytes)) {
          this.#outer.pause();
        }
      },
      onDrain: () => owner.onDrain(),
      onEnd: () => this.#inner.end(),
      onFault: (trouble) => owner.onFault(trouble),
    });
  }

  write(bytes: Uint8Array): boolean {
    return this.#outer.write(bytes);
  }

  end(): void {
    this.#outer.end();
  }

  pause(): void {
    this.#inner.pause();
  }

  resume(): void {
    this.#inner.resume();
  }

  destroy(): void {
    this.#outer.destroy();
    this.#inner.destroy();
  }
}

function openStream(coding: Coding, first: number): Transform {
  const options = { chunkSize: CHUNK_BYTES };
  switch (coding) {
    case "gzip":
      return zlib.createGunzip(options);
    case "deflate":
      // RFC 9110 means zlib by it, some servers send the bare format. A zlib header starts with 8 in the low four bits,
      // which in the bare format would be a stored block with non-zero padding: no encoder writes that.
      return (first & 0x0f) === 8 ? zlib.createInflate(options) : zlib.createInflateRaw(options);
    case "br":
      return zlib.createBrotliDecompress(options);
    case "zstd":
      return zlib.createZstdDecompress({
        ...options,
        params: { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG },
      });
  }
}

function decodeFault(coding: Coding, error: NodeJS.ErrnoException): FetchFault {
  return error.code === "Z_BUF_ERROR"
    ? fault("truncated_body", `the ${coding} data ends too early`)
    : fault("content_encoding", `not valid ${coding} data: ${error.message}`);
}
