import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Disk, DiskFile } from "./disk.ts";
import { type Interval, IntervalSet } from "./interval-set.ts";

/*
 * What one destination has got or lost, so that it is not sent again: `<destination>-<generation>.pos`, both hex, the first 16
 * digits of the SHA-256 of the destination's name. Numbers are little-endian.
 *
 * Header:
 *
 *     0   "PLSPOS\n\0"
 *     8   u16 version, 1
 *     10  u16 bytes of the name
 *     12  u32 crc32 of the name
 *     16  the destination's name, without secrets
 *
 * Entries, 20 bytes each, appended; one that is torn or damaged is left out:
 *
 *     0   u32 crc32 of bytes 4 to 19
 *     4   u64 first sequence number that is settled
 *     12  u64 last
 *
 * A file that has grown long is written anew, shorter, as the next generation, and removed when that is safe. Each of several
 * generations tells the truth, so all of them together do, and nothing is ever renamed.
 */
const VERSION = 1;
const MAGIC = "PLSPOS\n\0";
const HEADER_BYTES = 16;
const ENTRY_BYTES = 20;
/** So many entries more than there are intervals, and the file is written anew. */
const SPARE_ENTRIES = 4096;

export interface FoundPositions {
  readonly destination: string;
  readonly settled: IntervalSet;
  readonly generation: number;
  /** Entries that could not be read. */
  readonly damaged: number;
}

/** Undefined: it is not the name of a file with positions. */
export function generationOfName(name: string): number | undefined {
  const digits = /^[0-9a-f]{16}-([0-9a-f]{8})\.pos$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}

/** How the names of a destination's files with positions begin. */
export function positionsPrefix(destination: string): string {
  return `${createHash("sha256").update(destination).digest("hex").slice(0, 16)}-`;
}

/** `foreign`: of another version; `broken`: nobody can say whose it is. */
export function decodePositions(
  bytes: Uint8Array,
  generation: number,
): FoundPositions | "foreign" | "broken" {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < HEADER_BYTES || view.toString("latin1", 0, 8) !== MAGIC) {
    return "broken";
  }
  if (view.readUInt16LE(8) !== VERSION) {
    return "foreign";
  }
  const entries = HEADER_BYTES + view.readUInt16LE(10);
  const name = view.subarray(HEADER_BYTES, entries);
  if (entries > view.length || crc32(name) !== view.readUInt32LE(12)) {
    return "broken";
  }
  const settled = new IntervalSet();
  let damaged = (view.length - entries) % ENTRY_BYTES === 0 ? 0 : 1;
  for (let at = entries; at + ENTRY_BYTES <= view.length; at += ENTRY_BYTES) {
    const [first, last] = [view.readBigUInt64LE(at + 4), view.readBigUInt64LE(at + 12)];
    if (crc32(view.subarray(at + 4, at + ENTRY_BYTES)) === view.readUInt32LE(at)) {
      settled.add({ first: Number(first), last: Number(last) });
    } else {
      damaged += 1;
    }
  }
  return { destination: name.toString("utf8"), settled, generation, damaged };
}

/** The positions of one destination while they change. Calls must not overlap. */
export class PositionFile {
  readonly settled: IntervalSet;
  readonly #destination: string;
  readonly #directory: string;
  readonly #disk: Disk;
  readonly #isLeftAlone: (name: string) => boolean;
  #file: DiskFile | undefined;
  #generation: number;
  #end = 0;
  #entries = 0;
  #unwritten: Interval[] = [];
  #unsynced = false;

  /**
   * `highest` is the highest generation in the directory, whosever and in whatever state: its name is taken. Older files go when
   * a new one is safe, but for those that were left alone.
   */
  constructor(
    destination: string,
    directory: string,
    disk: Disk,
    highest: number,
    found?: { readonly settled: IntervalSet },
    isLeftAlone: (name: string) => boolean = () => false,
  ) {
    this.#destination = destination;
    this.#directory = directory;
    this.#disk = disk;
    this.settled = found?.settled ?? new IntervalSet();
    this.#generation = highest;
    this.#isLeftAlone = isLeftAlone;
  }

  get hasUnwritten(): boolean {
    return this.#unwritten.length > 0 || this.#file === undefined;
  }

  settle(interval: Interval): void {
    this.settled.add(interval);
    const previous = this.#unwritten.at(-1);
    if (previous !== undefined && previous.last + 1 === interval.first) {
      this.#unwritten[this.#unwritten.length - 1] = { ...previous, last: interval.last };
    } else {
      this.#unwritten.push(interval);
    }
  }

  /** Writes what was settled since. Rejects with an error of the disk; what was not written is written the next time. */
  async write(least: number): Promise<void> {
    const spare = this.#entries - this.settled.intervals.length;
    if (this.#file === undefined || spare > SPARE_ENTRIES) {
      this.settled.forgetBelow(least);
      await this.#writeAnew();
      return;
    }
    const entries = this.#unwritten;
    if (entries.length === 0) {
      return;
    }
    // What is settled meanwhile belongs to the next write.
    this.#unwritten = [];
    const bytes = encodeEntries(entries);
    try {
      await this.#file.write(this.#end, bytes);
    } catch (error) {
      this.#unwritten = [...entries, ...this.#unwritten];
      throw error;
    }
    this.#end += bytes.byteLength;
    this.#entries += entries.length;
    this.#unsynced = true;
  }

  async sync(): Promise<void> {
    if (this.#unsynced) {
      await this.#file?.sync();
      this.#unsynced = false;
    }
  }

  /** After trouble with the disk: the next write begins another file. */
  async abandonFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#unsynced = false;
    await file?.close().catch(() => undefined);
  }

  async #writeAnew(): Promise<void> {
    const { intervals } = this.settled;
    const unwritten = this.#unwritten;
    this.#unwritten = [];
    const name = Buffer.from(this.#destination, "utf8");
    const header = Buffer.alloc(HEADER_BYTES);
    header.write(MAGIC, 0, "latin1");
    header.writeUInt16LE(VERSION, 8);
    header.writeUInt16LE(name.byteLength, 10);
    header.writeUInt32LE(crc32(name), 12);
    const bytes = Buffer.concat([header, name, encodeEntries(intervals)]);
    const entries = intervals.length;
    await this.abandonFile();
    this.#generation += 1;
    try {
      this.#file = await this.#disk.create(`${this.#directory}/${this.#nameOf(this.#generation)}`);
      await this.#file.write(0, bytes);
      await this.#file.sync();
      await this.#disk.syncDirectory(this.#directory);
    } catch (error) {
      this.#unwritten = [...unwritten, ...this.#unwritten];
      await this.abandonFile();
      throw error;
    }
    this.#end = bytes.byteLength;
    this.#entries = entries;
    await this.#removeOlder();
  }

  async #removeOlder(): Promise<void> {
    const mine = this.#nameOf(this.#generation);
    for (const name of await this.#disk.list(this.#directory)) {
      const isMine = name.slice(0, 16) === mine.slice(0, 16) && name.endsWith(".pos");
      if (isMine && name !== mine && !this.#isLeftAlone(name)) {
        await this.#disk.remove(`${this.#directory}/${name}`);
      }
    }
  }

  #nameOf(generation: number): string {
    return `${positionsPrefix(this.#destination)}${generation.toString(16).padStart(8, "0")}.pos`;
  }
}

function encodeEntries(intervals: readonly Interval[]): Uint8Array {
  const bytes = Buffer.alloc(intervals.length * ENTRY_BYTES);
  for (const [index, { first, last }] of intervals.entries()) {
    const at = index * ENTRY_BYTES;
    bytes.writeBigUInt64LE(BigInt(first), at + 4);
    bytes.writeBigUInt64LE(BigInt(last), at + 12);
    bytes.writeUInt32LE(crc32(bytes.subarray(at + 4, at + ENTRY_BYTES)), at);
  }
  return bytes;
}
