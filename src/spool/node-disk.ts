import { constants } from "node:fs";
import { chown, type FileHandle, mkdir, open, readdir, rm, stat, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type Disk, type DiskFile, type DiskSpace, faultCode } from "./disk.ts";
import { lockDirectory } from "./socket-lock.ts";

/** Only the agent may read what waits. */
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
const READ_ONLY_CODES = new Set(["EROFS", "EACCES", "EPERM"]);

/** The file system of this machine. */
export const nodeDisk: Disk = {
  makeDirectory: async (path) => {
    const created = await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
    // Each new directory is an entry of the one above.
    for (let below = resolve(path); created !== undefined; below = dirname(below)) {
      await giveToOwner(dirname(resolve(created)), (uid, gid) => chown(below, uid, gid));
      await syncDirectory(dirname(below));
      if (below === resolve(created)) {
        break;
      }
    }
  },
  list: (path) => readdir(path),
  create: async (path) => {
    const handle = await open(path, "wx+", FILE_MODE);
    try {
      await giveToOwner(dirname(path), (uid, gid) => handle.chown(uid, gid));
    } catch (error) {
      await handle.close();
      throw error;
    }
    return new NodeFile(handle);
  },
  open: async (path) => new NodeFile(await openAsAllowed(path)),
  remove: (path) => rm(path),
  syncDirectory,
  space: async (path): Promise<DiskSpace> => {
    const { bavail, blocks, bsize } = await statfs(path);
    return { free: bavail * bsize, total: blocks * bsize };
  },
  lock: lockDirectory,
};

/** What root makes in somebody else's directory, `promline queue drain` for one, the other has to be able to read. */
async function giveToOwner(
  directory: string,
  give: (uid: number, gid: number) => Promise<void>,
): Promise<void> {
  if (process.getuid?.() === 0) {
    const { uid, gid } = await stat(directory);
    if (uid !== 0) {
      await give(uid, gid);
    }
  }
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function openAsAllowed(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r+");
  } catch (error) {
    if (READ_ONLY_CODES.has(faultCode(error))) {
      return open(path, "r");
    }
    throw error;
  }
}

class NodeFile implements DiskFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const buffer = Buffer.allocUnsafeSlow(length);
    let read = 0;
    while (read < length) {
      const { bytesRead } = await this.#handle.read(buffer, read, length - read, offset + read);
      if (bytesRead === 0) {
        break;
      }
      read += bytesRead;
    }
    return buffer.subarray(0, read);
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.byteLength) {
      const { bytesWritten } = await this.#handle.write(
        bytes,
        written,
        bytes.byteLength - written,
        offset + written,
      );
      written += bytesWritten;
    }
  }

  truncate(length: number): Promise<void> {
    return this.#handle.truncate(length);
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
