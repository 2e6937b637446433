import { crc32 } from "node:zlib";

/*
 * A segment is a file `<sequence number of its first record, 16 hex digits>.seg` of records in order of arrival. Numbers are
 * little-endian, times Unix milliseconds; a crc32 is that of all the bytes after it in the same part.
 *
 * Header, 32 bytes:
 *
 *     0   "PLSPOOL\n"
 *     8   u16 version, 2
 *     10  u16 0
 *     12  u64 sequence number of the first record
 *     20  u64 when it was begun
 *     28  u32 crc32 of bytes 0 to 27
 *
 * Records, one after the other, 68 bytes, the sinker's tags and a gzip member. Sequence numbers grow by one; a record that is missing or cannot be
 * read leaves a gap in them:
 *
 *     0   u32 0xd15c5001
 *     4   u32 crc32
 *     8   u32 bytes of the gzip member
 *     12  u32 points in it
 *     16  u32 samples in it
 *     20  u32 bytes of line protocol in it
 *     24  u64 sequence number
 *     32  u64 when the payload came
 *     40  u16 its place in its body, from 0
 *     42  u16 bytes of the sinker's tags; in version 1 there are none, and this is 0
 *     44  24 bytes id of its body, ASCII, filled up with 0
 *     68  the sinker's tags, UTF-8
 *     ..  the gzip member
 *
 * Trailer, 64 bytes, only of a segment that is complete. Start-up reads it in place of the records:
 *
 *     0   u32 0xd15c5eed
 *     4   u32 crc32
 *     8   u64 records
 *     16  u64 points
 *     24  u64 samples
 *     32  u64 bytes of line protocol
 *     40  u64 sequence number of the last record
 *     48  u64 time of the newest record
 *     56  u64 where the trailer begins
 */
const VERSION = 2;
const VERSIONS = [1, 2];
export const HEADER_BYTES = 32;
export const HEAD_BYTES = 68;
export const TRAILER_BYTES = 64;
/** The marker of a record as it is in the file. */
export const RECORD_MARKER = Buffer.from([0x01, 0x50, 0x5c, 0xd1]);
const MAGIC = "PLSPOOL\n";
const RECORD = 0xd15c5001;
const TRAILER = 0xd15c5eed;
const ID_BYTES = 24;
export const MAX_ORDINAL = 0xff_ff;

/** One payload of a body, as it is kept. */
export interface StoredRecord {
  /** Of the body it belongs to: at most 24 ASCII characters. */
  readonly id: string;
  /** Its place in the body, from 0, at most `MAX_ORDINAL`. */
  readonly ordinal: number;
  /** Unix milliseconds when it came. */
  readonly atMs: number;
  readonly points: number;
  readonly samples: number;
  readonly rawBytes: number;
  readonly gzip: Uint8Array;
  /** `Payload.sinkTags`, less than 64 KiB of UTF-8. */
  readonly sinkTags?: string;
}

/** What there is in a stretch of records. */
export interface Amount {
  readonly records: number;
  readonly points: number;
  readonly samples: number;
  readonly rawBytes: number;
}

export const EMPTY: Amount = { records: 0, points: 0, samples: 0, rawBytes: 0 };

export function added(a: Amount, b: Amount): Amount {
  return {
    records: a.records + b.records,
    points: a.points + b.points,
    samples: a.samples + b.samples,
    rawBytes: a.rawBytes + b.rawBytes,
  };
}

/** Never below nothing: where a store lies about its sums, the rest must not. */
export function taken(a: Amount, b: Amount): Amount {
  return {
    records: Math.max(0, a.records - b.records),
    points: Math.max(0, a.points - b.points),
    samples: Math.max(0, a.samples - b.samples),
    rawBytes: Math.max(0, a.rawBytes - b.rawBytes),
  };
}

export function amountOf(record: StoredRecord): Amount {
  const { points, samples, rawBytes } = record;
  return { records: 1, points, samples, rawBytes };
}

export interface SegmentHeader {
  readonly first: number;
  readonly begunMs: number;
}

export interface SegmentSums {
  readonly amount: Amount;
  readonly last: number;
  readonly newestMs: number;
}

export function segmentName(first: number): string {
  return `${first.toString(16).padStart(16, "0")}.seg`;
}

/** The first sequence number that a file name says; undefined: it is not the name of a segment. */
export function firstOfName(name: string): number | undefined {
  const digits = /^([0-9a-f]{16})\.seg$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}

export function encodeHeader({ first, begunMs }: SegmentHeader): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.write(MAGIC, 0, "latin1");
  bytes.writeUInt16LE(VERSION, 8);
  bytes.writeBigUInt64LE(BigInt(first), 12);
  bytes.writeBigUInt64LE(BigInt(Math.floor(begunMs)), 20);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 28)), 28);
  return bytes;
}

/** `foreign`: a segment of another version. `broken`: no header, or a damaged one. */
export function decodeHeader(
  bytes: Uint8Array,
): { readonly kind: "header"; readonly header: SegmentHeader } | { kind: "foreign" | "broken" } {
  const view = bufferOf(bytes);
  if (view.length < HEADER_BYTES || view.toString("latin1", 0, 8) !== MAGIC) {
    return { kind: "broken" };
  }
  if (view.readUInt32LE(28) !== crc32(view.subarray(0, 28))) {
    return { kind: VERSIONS.includes(view.readUInt16LE(8)) ? "broken" : "foreign" };
  }
  if (!VERSIONS.includes(view.readUInt16LE(8))) {
    return { kind: "foreign" };
  }
  const header = { first: u64(view, 12), begunMs: u64(view, 20) };
  return { kind: "header", header };
}

export function recordBytes(record: StoredRecord): number {
  return HEAD_BYTES + Buffer.byteLength(record.sinkTags ?? "") + record.gzip.byteLength;
}

export function encodeRecord(record: StoredRecord, sequence: number): Uint8Array {
  const bytes = Buffer.alloc(recordBytes(record));
  bytes.writeUInt32LE(RECORD, 0);
  bytes.writeUInt32LE(record.gzip.byteLength, 8);
  bytes.writeUInt32LE(record.points, 12);
  bytes.writeUInt32LE(record.samples, 16);
  bytes.writeUInt32LE(record.rawBytes, 20);
  bytes.writeBigUInt64LE(BigInt(sequence), 24);
  bytes.writeBigUInt64LE(BigInt(Math.max(0, Math.floor(record.atMs))), 32);
  const tagBytes = bytes.byteLength - HEAD_BYTES - record.gzip.byteLength;
  bytes.writeUInt16LE(record.ordinal, 40);
  bytes.writeUInt16LE(tagBytes, 42);
  bytes.write(record.id, 44, ID_BYTES, "latin1");
  bytes.write(record.sinkTags ?? "", HEAD_BYTES, "utf8");
  bytes.set(record.gzip, HEAD_BYTES + tagBytes);
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4);
  return bytes;
}

/** Bytes of the record that a head begins; undefined: that is no head. */
export function lengthOfRecord(head: Uint8Array): number | undefined {
  const view = bufferOf(head);
  return view.length >= HEAD_BYTES && view.readUInt32LE(0) === RECORD
    ? HEAD_BYTES + view.readUInt16LE(42) + view.readUInt32LE(8)
    : undefined;
}

/** The record of exactly these bytes; undefined: they are damaged. `gzip` is a view on `bytes`. */
export function decodeRecord(
  bytes: Uint8Array,
): { readonly sequence: number; readonly record: StoredRecord } | undefined {
  const view = bufferOf(bytes);
  if (view.readUInt32LE(4) !== crc32(view.subarray(8))) {
    return undefined;
  }
  const gzipAt = HEAD_BYTES + view.readUInt16LE(42);
  return {
    sequence: u64(view, 24),
    record: {
      id: view.toString("latin1", 44, 44 + ID_BYTES).replace(/\0+$/, ""),
      ordinal: view.readUInt16LE(40),
      atMs: u64(view, 32),
      points: view.readUInt32LE(12),
      samples: view.readUInt32LE(16),
      rawBytes: view.readUInt32LE(20),
      gzip: view.subarray(gzipAt),
      ...(gzipAt === HEAD_BYTES ? {} : { sinkTags: view.toString("utf8", HEAD_BYTES, gzipAt) }),
    },
  };
}

export function encodeTrailer({ amount, last, newestMs }: SegmentSums, at: number): Uint8Array {
  const bytes = Buffer.alloc(TRAILER_BYTES);
  bytes.writeUInt32LE(TRAILER, 0);
  const { records, points, samples, rawBytes } = amount;
  for (const [index, value] of [records, points, samples, rawBytes, last, newestMs, at].entries()) {
    bytes.writeBigUInt64LE(BigInt(Math.floor(value)), 8 + 8 * index);
  }
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4);
  return bytes;
}

/** The trailer of a segment of `size` bytes, from its last 64; undefined: it has none. */
export function decodeTrailer(bytes: Uint8Array, size: number): SegmentSums | undefined {
  const view = bufferOf(bytes);
  if (
    view.length !== TRAILER_BYTES ||
    view.readUInt32LE(0) !== TRAILER ||
    view.readUInt32LE(4) !== crc32(view.subarray(8)) ||
    u64(view, 56) !== size - TRAILER_BYTES
  ) {
    return undefined;
  }
  const amount = {
    records: u64(view, 8),
    points: u64(view, 16),
    samples: u64(view, 24),
    rawBytes: u64(view, 32),
  };
  return { amount, last: u64(view, 40), newestMs: u64(view, 48) };
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function u64(view: Buffer, offset: number): number {
  return Number(view.readBigUInt64LE(offset));
}
