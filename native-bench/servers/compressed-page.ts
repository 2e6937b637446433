import { once } from "node:events";
import { createGzip } from "node:zlib";
import type { PageState } from "../workload/page-state.ts";

/** A page as it goes out compressed. */
export interface CompressedPage {
  readonly body: Buffer;
  /** Of the page before. */
  readonly bytes: number;
}

/** Lends the buffers that pages are written into. */
export interface ChunkPool {
  readonly chunkBytes: number;
  take(): Buffer;
  give(chunk: Buffer): void;
}

/** The page as it stands, as gzip at zlib's default level, which is that of Go's client library. */
export async function compressPage(page: PageState, pool: ChunkPool): Promise<CompressedPage> {
  const gzip = createGzip();
  const pieces: Buffer[] = [];
  gzip.on("data", (piece: Buffer) => pieces.push(piece));
  const ended = once(gzip, "end");
  let bytes = 0;
  for (const chunk of page.chunks(pool.chunkBytes, () => pool.take())) {
    bytes += chunk.length;
    if (!gzip.write(chunk, () => pool.give(chunk))) {
      await once(gzip, "drain");
    }
  }
  gzip.end();
  await ended;
  return { body: Buffer.concat(pieces), bytes };
}
