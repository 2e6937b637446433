import { crc32 } from "node:zlib";
import { type Disk, type DiskFile, faultCode } from "./disk.ts";

/*
 * What all lives of a queue have counted: `ledger-<generation>.led`, hex, beside the directories of the categories. Numbers are
 * little-endian.
 *
 * Header:
 *
 *     0   "PLSLED\n\0"
 *     8   u16 version, 1
 *     10  u32 bytes of a slot
 *
 * Two slots, from 512 on, are written in turn. Each holds everything, so one that is torn takes nothing of the other with it:
 *
 *     0   u32 crc32 of all that follows
 *     4   u32 bytes that follow
 *     8   u32 number of the save in this file: of two slots the later one counts
 *     12  u64 when it was saved, Unix milliseconds
 *     20  u8  1: the life ended with it; 0: it went on
 *     21  counts, each:  u16 bytes of its name, the name, f64 the count
 *
 * The parts of a name are separated by a zero character. Each life writes a file of its own, and another when its slots are too
 * small; what was before is removed when that is safe. Nothing is ever renamed.
 */
const VERSION = 1;
const MAGIC = "PLSLED\n\0";
const HEADER_BYTES = 14;
const SECTOR = 512;
const RECORD_BYTES = 21;

/** By name; the parts of a name are separated by a zero character. */
export type Counts = ReadonlyMap<string, number>;

export interface LedgerRecord {
  /** Unix milliseconds. */
  readonly savedMs: number;
  /** The life that saved it ended with it: nothing was counted after. */
  readonly final: boolean;
  readonly counts: Counts;
}

export interface FoundLedger {
  /** Undefined: none, or none that can be read. `final` only where nothing is behind it, readable or not. */
  readonly last: LedgerRecord | undefined;
  /** Names of files that were left alone: of another version, or not readable. */
  readonly foreign: readonly string[];
  /** One of them is of another version: its counts are not to be continued beside it. */
  readonly isOfAnotherVersion: boolean;
  /** Names of files whose records are known, so that they may go once these are saved elsewhere. */
  readonly known: readonly string[];
  readonly highestGeneration: number;
}

/** Reads what is there; changes nothing. Rejects where the directory cannot be listed. */
export async function findLedger(disk: Disk, directory: string): Promise<FoundLedger> {
  const names = [...(await disk.list(directory))].filter(isLedger).sort();
  const foreign: string[] = [];
  const known: string[] = [];
  let last: LedgerRecord | undefined;
  let isOfAnotherVersion = false;
  for (const name of names) {
    const bytes = await contentOf(disk, `${directory}/${name}`);
    const found = bytes === undefined ? "broken" : decodeLedger(bytes);
    const record = typeof found === "object" ? found.last : undefined;
    if (typeof found === "object") {
      known.push(name);
    } else {
      foreign.push(name);
      isOfAnotherVersion ||= found === "foreign";
    }
    // What a later file says of the end of a life, or would say if it could be read, is news of a life after that.
    last = record ?? (last && { ...last, final: false });
  }
  const highestGeneration = Math.max(0, ...names.map(generationOf));
  return { last, foreign, isOfAnotherVersion, known, highestGeneration };
}

/** `foreign`: of another version; `broken`: not a ledger. One that was begun and not finished has no record. */
function decodeLedger(
  bytes: Uint8Array,
): { readonly last: LedgerRecord | undefined } | "foreign" | "broken" {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < HEADER_BYTES) {
    return { last: undefined };
  }
  if (view.toString("latin1", 0, 8) !== MAGIC) {
    return "broken";
  }
  if (view.readUInt16LE(8) !== VERSION) {
    return "foreign";
  }
  const slot = view.readUInt32LE(10);
  const [one, other] = [slotAt(view, SECTOR), slotAt(view, SECTOR + slot)];
  if (one === undefined || other === undefined) {
    return { last: (one ?? other)?.record };
  }
  return { last: one.save > other.save ? one.record : other.record };
}

/** The ledger while it is written. Calls must not overlap. */
export class LedgerFile {
  readonly #disk: Disk;
  readonly #directory: string;
  #file: DiskFile | undefined;
  #generation: number;
  #slot = 0;
  #saves = 0;
  /** In UTF-8; names are few and the same from save to save. */
  readonly #names = new Map<string, Buffer>();
  /** To be removed when a later one is safe. */
  #older: readonly string[];

  constructor(disk: Disk, directory: string, found: FoundLedger) {
    this.#disk = disk;
    this.#directory = directory;
    this.#generation = found.highestGeneration;
    this.#older = found.known;
  }

  /** Rejects with an error of the disk; the next one begins another file. */
  async save(record: LedgerRecord, sync: boolean): Promise<void> {
    const bytes = this.#encode(record, this.#saves + 1);
    try {
      if (this.#file === undefined || bytes.length > this.#slot) {
        await this.#begin(record);
        return;
      }
      // At once, since each answer of the disk wakes this thread.
      const [isThere] = await Promise.all([this.#isThere(), this.#write(this.#file, bytes, sync)]);
      if (!isThere) {
        await this.#begin(record);
      }
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => undefined);
  }

  async #write(file: DiskFile, bytes: Buffer, sync: boolean): Promise<void> {
    this.#saves += 1;
    await file.write(SECTOR + (this.#saves % 2) * this.#slot, bytes);
    if (sync) {
      await file.sync();
    }
  }

  /** False: somebody took it away. */
  async #isThere(): Promise<boolean> {
    const names = await this.#disk.list(this.#directory).catch((): readonly string[] => []);
    return names.includes(nameOf(this.#generation));
  }

  async #begin(record: LedgerRecord): Promise<void> {
    await this.close();
    this.#generation += 1;
    const name = nameOf(this.#generation);
    const older = this.#older;
    this.#older = [...older, name];
    const bytes = this.#encode(record, 0);
    // Room for half as much again.
    this.#slot = Math.ceil((bytes.length * 1.5) / SECTOR) * SECTOR;
    this.#saves = 0;
    const file = Buffer.alloc(SECTOR + 2 * this.#slot);
    file.write(MAGIC, 0, "latin1");
    file.writeUInt16LE(VERSION, 8);
    file.writeUInt32LE(this.#slot, 10);
    bytes.copy(file, SECTOR);
    this.#file = await this.#disk.create(`${this.#directory}/${name}`);
    await this.#file.write(0, file);
    await this.#file.sync();
    await this.#disk.syncDirectory(this.#directory);
    for (const one of older) {
      await this.#disk.remove(`${this.#directory}/${one}`).catch(() => undefined);
    }
    this.#older = [name];
  }

  #encode({ savedMs, final, counts }: LedgerRecord, save: number): Buffer {
    let size = RECORD_BYTES;
    for (const name of counts.keys()) {
      size += 2 + this.#encoded(name).length + 8;
    }
    const bytes = Buffer.alloc(size);
    bytes.writeUInt32LE(size - 8, 4);
    bytes.writeUInt32LE(save, 8);
    bytes.writeBigUInt64LE(BigInt(savedMs), 12);
    bytes.writeUInt8(final ? 1 : 0, 20);
    let at = RECORD_BYTES;
    for (const [name, value] of counts) {
      const encoded = this.#encoded(name);
      at = bytes.writeUInt16LE(encoded.length, at);
      at += encoded.copy(bytes, at);
      at = bytes.writeDoubleLE(value, at);
    }
    bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0);
    return bytes;
  }

  #encoded(name: string): Buffer {
    let encoded = this.#names.get(name);
    if (encoded === undefined) {
      encoded = Buffer.from(name, "utf8");
      this.#names.set(name, encoded);
    }
    return encoded;
  }
}

function isLedger(name: string): boolean {
  return /^ledger-[0-9a-f]{8}\.led$/.test(name);
}

function generationOf(name: string): number {
  return Number.parseInt(name.slice("ledger-".length, -".led".length), 16);
}

function nameOf(generation: number): string {
  return `ledger-${generation.toString(16).padStart(8, "0")}.led`;
}

/** Undefined: it cannot be read. */
async function contentOf(disk: Disk, path: string): Promise<Uint8Array | undefined> {
  try {
    const file = await disk.open(path);
    return await file
      .size()
      .then((size) => file.read(0, size))
      .finally(() => file.close());
  } catch (error) {
    void faultCode(error);
    return undefined;
  }
}

/** Undefined: it was never written, or torn. */
function slotAt(view: Buffer, at: number) {
  if (at + RECORD_BYTES > view.length) {
    return undefined;
  }
  const end = at + 8 + view.readUInt32LE(at + 4);
  const isWhole = end >= at + RECORD_BYTES && end <= view.length;
  if (!isWhole || crc32(view.subarray(at + 4, end)) !== view.readUInt32LE(at)) {
    return undefined;
  }
  const counts = new Map<string, number>();
  for (let next = at + RECORD_BYTES; next < end; ) {
    const name = next + 2;
    const value = name + view.readUInt16LE(next);
    counts.set(view.toString("utf8", name, value), view.readDoubleLE(value));
    next = value + 8;
  }
  const savedMs = Number(view.readBigUInt64LE(at + 12));
  const record: LedgerRecord = { savedMs, final: view[at + 20] === 1, counts };
  return { save: view.readUInt32LE(at + 8), record };
}
