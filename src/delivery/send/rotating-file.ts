import { type FileHandle, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { KIB } from "../../units.ts";

const LINE_FEED = 0x0a;

/**
 * One series of files in a directory: `<stem>.lp` is written, `<stem>.<n>.lp` are full ones, a higher `n` is newer. Every file
 * ends with a line end: a write that fails half way is taken back, one that a crash cut short is cut off at the next start.
 *
 * The file is opened for each write: one that somebody moved away or deleted, with its directory even, begins anew.
 */
export class RotatingFile {
  readonly #directory: string;
  readonly #stem: string;
  readonly #maxBytes: number;
  #checked = false;

  constructor(directory: string, stem: string, maxBytes: number) {
    this.#directory = directory;
    this.#stem = stem;
    this.#maxBytes = maxBytes;
  }

  /** Appends all of `text`, or nothing and rejects. The directory must be there. */
  async append(text: Uint8Array): Promise<void> {
    if (!this.#checked) {
      await this.#use((file) => cutTornLine(file));
      this.#checked = true;
    }
    const size = await this.#use((file) => sizeOf(file));
    if (size > 0 && size + text.byteLength > this.#maxBytes) {
      await this.#rotate();
    }
    await this.#use((file) => appendWhole(file, text));
  }

  async #use<T>(work: (file: FileHandle) => Promise<T>): Promise<T> {
    const file = await open(this.#path(), "a+", 0o640);
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  }

  async #rotate(): Promise<void> {
    const numbers = (await rotatedFiles(this.#directory))
      .filter((file) => file.stem === this.#stem)
      .map((file) => file.number);
    const next = Math.max(0, ...numbers) + 1;
    await rename(this.#path(), join(this.#directory, `${this.#stem}.${next}.lp`));
  }

  #path(): string {
    return join(this.#directory, `${this.#stem}.lp`);
  }
}

/** Deletes the oldest full files in the directory, of any stem, until `coming` bytes more stay within `maxTotalBytes`. */
export async function makeRoomInDirectory(
  directory: string,
  maxTotalBytes: number,
  coming: number,
): Promise<void> {
  const rotated = (await rotatedFiles(directory)).sort(
    (a, b) => a.writtenMs - b.writtenMs || a.number - b.number,
  );
  let total = coming + (await currentBytes(directory));
  for (const file of rotated) {
    total += file.bytes;
  }
  for (const file of rotated) {
    if (total <= maxTotalBytes) {
      return;
    }
    await unlink(file.path);
    total -= file.bytes;
  }
}

interface RotatedFile {
  readonly path: string;
  readonly stem: string;
  readonly number: number;
  readonly bytes: number;
  readonly writtenMs: number;
}

async function rotatedFiles(directory: string): Promise<RotatedFile[]> {
  const found: RotatedFile[] = [];
  for (const name of await readdir(directory)) {
    const match = /^(metrics|logging)\.(\d+)\.lp$/.exec(name);
    if (match?.[1] === undefined) {
      continue;
    }
    const path = join(directory, name);
    const { size, mtimeMs } = await stat(path);
    found.push({
      path,
      stem: match[1],
      number: Number(match[2]),
      bytes: size,
      writtenMs: mtimeMs,
    });
  }
  return found;
}

async function currentBytes(directory: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(directory)) {
    if (/^(?:metrics|logging)\.lp$/.test(name)) {
      bytes += (await stat(join(directory, name))).size;
    }
  }
  return bytes;
}

async function sizeOf(file: FileHandle): Promise<number> {
  return (await file.stat()).size;
}

async function appendWhole(file: FileHandle, text: Uint8Array): Promise<void> {
  const before = await sizeOf(file);
  try {
    await file.writeFile(text);
  } catch (error) {
    await file.truncate(before);
    throw error;
  }
}

/** Looks for the last line end from the end backwards, a block at a time. */
async function cutTornLine(file: FileHandle): Promise<void> {
  const block = Buffer.alloc(64 * KIB);
  let end = await sizeOf(file);
  const size = end;
  while (end > 0) {
    const from = Math.max(0, end - block.byteLength);
    const { bytesRead } = await file.read(block, 0, end - from, from);
    const at = block.subarray(0, bytesRead).lastIndexOf(LINE_FEED);
    if (at >= 0) {
      end = from + at + 1;
      break;
    }
    end = from;
  }
  if (end < size) {
    await file.truncate(end);
  }
}
