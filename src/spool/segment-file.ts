import type { Disk, DiskFile } from "./disk.ts";
import type { Segment, Stretch } from "./segment.ts";
import {
  type Amount,
  added,
  amountOf,
  decodeHeader,
  decodeTrailer,
  EMPTY,
  encodeHeader,
  encodeRecord,
  encodeTrailer,
  firstOfName,
  HEAD_BYTES,
  HEADER_BYTES,
  lengthOfRecord,
  type StoredRecord,
  segmentName,
  TRAILER_BYTES,
} from "./segment-format.ts";
import { SegmentReader } from "./segment-reader.ts";

/** Where a record went. */
export interface Placed {
  readonly segment: Segment;
  readonly sequence: number;
  readonly offset: number;
  readonly end: number;
}

/** How a segment was found at start-up. */
export interface FoundSegment {
  readonly kind: "segment";
  readonly segment: SegmentFile;
  /** Bytes after the last whole record, cut off. */
  readonly tornBytes: number;
  /** Records within that cannot be read, by the gaps in their numbers. What was in them nobody knows. */
  readonly damagedRecords: number;
}

/** A segment and the file it is in. Changes are one at a time; reading goes on beside them. */
export class SegmentFile implements Segment {
  readonly name: string;
  readonly first: number;
  readonly #path: string;
  readonly #disk: Disk;
  /** Open while it is written. */
  #file: DiskFile | undefined;
  #sealed = false;
  last: number;
  amount: Amount = EMPTY;
  newestMs = 0;
  end = HEADER_BYTES;
  syncedBytes = 0;

  private constructor(disk: Disk, directory: string, name: string, first: number) {
    this.name = name;
    this.first = first;
    this.last = first - 1;
    this.#path = `${directory}/${name}`;
    this.#disk = disk;
  }

  static async create(disk: Disk, directory: string, first: number, nowMs: number) {
    const segment = new SegmentFile(disk, directory, segmentName(first), first);
    const file = await disk.create(segment.#path);
    try {
      await file.write(0, encodeHeader({ first, begunMs: nowMs }));
    } catch (error) {
      await file.close().catch(() => undefined);
      // An empty segment says nothing; start-up removes it if this cannot.
      await disk.remove(segment.#path).catch(() => undefined);
      throw error;
    }
    segment.#file = file;
    return segment;
  }

  /**
   * Reads what a previous life left. `foreign`: of another version. `unreadable`: more is in it than one torn write, but no
   * record. `empty`: nothing was ever written well.
   */
  static async recover(
    disk: Disk,
    directory: string,
    name: string,
  ): Promise<FoundSegment | { readonly kind: "foreign" | "unreadable" | "empty" }> {
    const file = await disk.open(`${directory}/${name}`);
    try {
      const header = decodeHeader(await file.read(0, HEADER_BYTES));
      if (header.kind === "foreign") {
        return { kind: "foreign" };
      }
      const segment = new SegmentFile(disk, directory, name, firstOfName(name) ?? 0);
      return await segment.#recover(file);
    } finally {
      await file.close().catch(() => undefined);
    }
  }

  get size(): number {
    return this.end + (this.#sealed ? TRAILER_BYTES : 0);
  }

  /** Appends records with these sequence numbers and following. After a rejection nothing may be appended any more. */
  async append(records: readonly StoredRecord[]): Promise<Placed[]> {
    const placed: Placed[] = [];
    const encoded: Uint8Array[] = [];
    let sequence = this.last + 1;
    let offset = this.end;
    for (const record of records) {
      const bytes = encodeRecord(record, sequence);
      encoded.push(bytes);
      placed.push({ segment: this, sequence, offset, end: offset + bytes.byteLength });
      offset += bytes.byteLength;
      sequence += 1;
    }
    await this.#writable().write(this.end, Buffer.concat(encoded));
    for (const record of records) {
      this.amount = added(this.amount, amountOf(record));
      this.newestMs = Math.max(this.newestMs, record.atMs);
    }
    this.last = sequence - 1;
    this.end = offset;
    return placed;
  }

  async sync(): Promise<void> {
    const { end } = this;
    if (this.#file !== undefined && end > this.syncedBytes) {
      await this.#file.sync();
      this.syncedBytes = end;
    }
  }

  /** Writes the trailer; nothing is appended after. */
  async seal(): Promise<void> {
    const file = this.#writable();
    const { amount, last, newestMs, end } = this;
    await file.write(end, encodeTrailer({ amount, last, newestMs }, end));
    await file.sync();
    this.syncedBytes = end;
    this.#sealed = true;
    this.#file = undefined;
    await file.close();
  }

  /** Closes it as it is: the end of what was written well is kept, and nothing is expected of the disk. */
  async abandon(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.truncate(this.end).catch(() => undefined);
    await file?.close().catch(() => undefined);
  }

  async remove(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => undefined);
    await this.#disk.remove(this.#path);
  }

  /** To be closed by who asked. */
  async reader(): Promise<SegmentReader> {
    return new SegmentReader(await this.#disk.open(this.#path));
  }

  /** The stretch of all its records. */
  whole(): Stretch {
    const { first, last, end, amount } = this;
    return { segment: this, first, last, offset: HEADER_BYTES, end, amount };
  }

  /** The stretches of records whose numbers `wanted` says yes to; reads the whole segment. */
  async stretches(wanted: (sequence: number) => boolean): Promise<Stretch[]> {
    const found: Stretch[] = [];
    const reader = await this.reader();
    try {
      let open: Stretch | undefined;
      let next = await reader.next(HEADER_BYTES, this.end);
      for (; next !== undefined; next = await reader.next(next.end, this.end)) {
        const { sequence, offset, end, record } = next;
        if (!wanted(sequence)) {
          open = undefined;
          continue;
        }
        open ??= { segment: this, first: sequence, last: sequence, offset, end, amount: EMPTY };
        const grown = {
          ...open,
          last: sequence,
          end,
          amount: added(open.amount, amountOf(record)),
        };
        if (found.at(-1) === open) {
          found.pop();
        }
        found.push(grown);
        open = grown;
      }
    } finally {
      await reader.close();
    }
    return found;
  }

  async #recover(
    file: DiskFile,
  ): Promise<FoundSegment | { readonly kind: "empty" | "unreadable" }> {
    const size = await file.size();
    const tail = await file.read(Math.max(0, size - TRAILER_BYTES), TRAILER_BYTES);
    const sums = decodeTrailer(tail, size);
    if (sums !== undefined) {
      this.amount = sums.amount;
      this.last = sums.last;
      this.newestMs = sums.newestMs;
      this.end = size - TRAILER_BYTES;
      this.syncedBytes = this.end;
      this.#sealed = true;
      return { kind: "segment", segment: this, tornBytes: 0, damagedRecords: 0 };
    }
    await this.#scan(file, size);
    if (this.amount.records === 0) {
      return { kind: (await isTorn(file, size)) ? "empty" : "unreadable" };
    }
    await this.#complete(file);
    const damagedRecords = this.last - this.first + 1 - this.amount.records;
    const tornBytes = Math.max(0, size - this.end);
    return { kind: "segment", segment: this, tornBytes, damagedRecords };
  }

  async #scan(file: DiskFile, size: number): Promise<void> {
    const reader = new SegmentReader(file);
    let next = await reader.next(HEADER_BYTES, size);
    for (; next !== undefined; next = await reader.next(next.end, size)) {
      // A number out of order is an older record that shows through where a newer write was lost.
      if (next.sequence > this.last) {
        this.amount = added(this.amount, amountOf(next.record));
        this.newestMs = Math.max(this.newestMs, next.record.atMs);
        this.last = next.sequence;
        this.end = next.end;
      }
    }
  }

  /** Cuts what is torn and writes the trailer that is missing; where the disk refuses, it is read as it is. */
  async #complete(file: DiskFile): Promise<void> {
    const { amount, last, newestMs, end } = this;
    try {
      await file.truncate(end);
      await file.write(end, encodeTrailer({ amount, last, newestMs }, end));
      await file.sync();
      this.#sealed = true;
    } catch {
      // A disk that is full or read-only can still be read.
    }
    this.syncedBytes = end;
  }

  #writable(): DiskFile {
    if (this.#file === undefined) {
      throw new Error(`segment ${this.name} is not open for writing`);
    }
    return this.#file;
  }
}

/** True when what is after the header can only be the start of one write that never ended. */
async function isTorn(file: DiskFile, size: number): Promise<boolean> {
  const start = await file.read(HEADER_BYTES, HEAD_BYTES);
  const length = lengthOfRecord(start);
  return length === undefined
    ? start.byteLength < HEAD_BYTES || start.every((byte) => byte === 0)
    : HEADER_BYTES + length > size;
}
