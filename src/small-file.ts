import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { MIB } from "./units.ts";

const MAX_BYTES = MIB;

export type SmallFile =
  | { readonly kind: "ok"; readonly text: string }
  | { readonly kind: "unreadable"; readonly detail: string };

/** A whole small text file (a token, a certificate); only regular files up to 1 MiB, never one that could block. */
export async function readSmallFile(path: string): Promise<SmallFile> {
  try {
    // Without O_NONBLOCK opening a FIFO waits for a writer, for ever.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { size } = await regularSize(file);
      return size > MAX_BYTES
        ? unreadable(path, `larger than ${MAX_BYTES} bytes`)
        : { kind: "ok", text: await file.readFile("utf8") };
    } finally {
      await file.close();
    }
  } catch (error) {
    return unreadable(path, error instanceof Error ? error.message : String(error));
  }
}

/** The same at once, for the load of a configuration. */
export function readSmallFileSync(path: string): SmallFile {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(file);
      if (!stats.isFile()) {
        return unreadable(path, "not a regular file");
      }
      return stats.size > MAX_BYTES
        ? unreadable(path, `larger than ${MAX_BYTES} bytes`)
        : { kind: "ok", text: readFileSync(file, "utf8") };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return unreadable(path, error instanceof Error ? error.message : String(error));
  }
}

/** Changes whenever the file is replaced or written: inode, size, modification time. "-" where there is none. */
export async function fileStamp(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${ino}.${size}.${mtimeNs}`;
  } catch {
    return "-";
  }
}

async function regularSize(file: {
  stat(): Promise<{ isFile(): boolean; size: number }>;
}): Promise<{
  size: number;
}> {
  const stats = await file.stat();
  if (!stats.isFile()) {
    throw new Error("not a regular file");
  }
  return stats;
}

function unreadable(path: string, why: string): SmallFile {
  return { kind: "unreadable", detail: why.includes(path) ? why : `${path}: ${why}` };
}
