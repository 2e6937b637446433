import type { DiskFile } from "./disk.ts";
import {
  decodeRecord,
  HEAD_BYTES,
  lengthOfRecord,
  RECORD_MARKER,
  type StoredRecord,
} from "./segment-format.ts";

/** Read at once; a longer record takes its own length. */
const WINDOW_BYTES = 256 * 1024;

export interface FoundRecord {
  readonly offset: number;
  /** Where the next record begins. */
  readonly end: number;
  readonly sequence: number;
  /** `gzip` is a view on memory that is not used again. */
  readonly record: StoredRecord;
}

/** Reads records of one segment file, forward, through a window of memory. */
export class SegmentReader {
  readonly #file: DiskFile;
  #window: Uint8Array = new Uint8Array();
  #windowAt = 0;

  constructor(file: DiskFile) {
    this.#file = file;
  }

  /**
   * The first whole record at `offset` or, where that is damaged, anywhere after it, that ends at `limit` at the latest.
   * Undefined: there is none.
   */
  async next(offset: number, limit: number): Promise<FoundRecord | undefined> {
    for (
      let at: number | undefined = offset;
      at !== undefined;
      at = await this.#marker(at + 1, limit)
    ) {
      const found = await this.#recordAt(at, limit);
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #recordAt(offset: number, limit: number): Promise<FoundRecord | undefined> {
    const head = await this.#bytes(offset, Math.min(limit, offset + HEAD_BYTES), limit);
    const length = lengthOfRecord(head);
    if (length === undefined || offset + length > limit) {
      return undefined;
    }
    const bytes = await this.#bytes(offset, offset + length, limit);
    const decoded = bytes.byteLength === length ? decodeRecord(bytes) : undefined;
    return decoded && { offset, end: offset + length, ...decoded };
  }

  /** Where a record may begin next. */
  async #marker(from: number, limit: number): Promise<number | undefined> {
    for (let at = from; at + HEAD_BYTES <= limit; ) {
      const bytes = await this.#bytes(at, Math.min(limit, at + WINDOW_BYTES), limit);
      if (bytes.byteLength < HEAD_BYTES) {
        return undefined;
      }
      const index = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(
        RECORD_MARKER,
      );
      if (index >= 0) {
        return at + index;
      }
      at += bytes.byteLength - RECORD_MARKER.byteLength + 1;
    }
    return undefined;
  }

  /**
   * A view that lives on: a window that is left behind is not used again. Nothing is read ahead beyond `limit`, where somebody
   * may be writing.
   */
  async #bytes(from: number, to: number, limit: number): Promise<Uint8Array> {
    const windowEnd = this.#windowAt + this.#window.byteLength;
    if (from < this.#windowAt || to > windowEnd) {
      const ahead = Math.min(limit - from, WINDOW_BYTES);
      this.#window = await this.#file.read(from, Math.max(ahead, to - from));
      this.#windowAt = from;
    }
    return this.#window.subarray(from - this.#windowAt, to - this.#windowAt);
  }
}
