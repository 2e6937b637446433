import { constants, crc32, gzipSync } from "node:zlib";
import { Deflater } from "../deflate/deflater.ts";
import { loadWasm } from "../wasm-file.ts";

/** Of a member that names no file, no time and no system (RFC 1952, 2.3). */
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
const TRAILER_BYTES = 8;

/** The thread's compressor; `none` where the machine cannot run it. */
let deflater: Deflater | "none" | undefined;

function openDeflater(): Deflater | "none" {
  const file = loadWasm("deflate");
  return file.kind === "missing" ? "none" : new Deflater(file.module);
}

/**
 * One whole gzip member in a buffer of its own. What our compressor cannot take, zlib takes at
 * level 1.
 */
export function gzipMember(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  deflater ??= openDeflater();
  if (deflater === "none" || raw.length > deflater.maxBytes) {
    return new Uint8Array(gzipSync(raw, { level: constants.Z_BEST_SPEED }));
  }
  const stream = deflater.deflate(raw);
  const member = new Uint8Array(HEADER.length + stream.length + TRAILER_BYTES);
  member.set(HEADER);
  member.set(stream, HEADER.length);
  const trailer = new DataView(member.buffer, HEADER.length + stream.length);
  trailer.setUint32(0, crc32(raw), true);
  trailer.setUint32(4, raw.length, true);
  return member;
}
