/**
 * What the spool asks of a file system. Every call may reject with an error that has a `code` (`ENOSPC`, `EIO`, …); the spool
 * turns these into values.
 */
export interface Disk {
  /** With its parents; one that is there is no trouble. */
  makeDirectory(path: string): Promise<void>;
  /** Names in it. */
  list(path: string): Promise<readonly string[]>;
  /** A new file for reading and writing; `EEXIST` where there is one. */
  create(path: string): Promise<DiskFile>;
  /** A file that is there, for reading and writing, or for reading only where the disk allows no more. */
  open(path: string): Promise<DiskFile>;
  remove(path: string): Promise<void>;
  /** Makes what was created and removed in it last. */
  syncDirectory(path: string): Promise<void>;
  space(path: string): Promise<DiskSpace>;
  /** Undefined: another process has it. The lock ends with the process, however that ends. */
  lock(path: string): Promise<DiskLock | undefined>;
}

export interface DiskFile {
  size(): Promise<number>;
  /** A copy; shorter at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** All of `bytes`, or it rejects and any part of them may be there. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  truncate(length: number): Promise<void>;
  /** What was written lasts. After a rejection nothing is known of what was written since the last success. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface DiskLock {
  /** Who had it before did not let go of it: the process was killed, or the machine went down. */
  readonly abandoned: boolean;
  /** False: the path means another directory now, or none. */
  isHere(): Promise<boolean>;
  release(): Promise<void>;
}

/** Bytes. */
export interface DiskSpace {
  /** What a process without privileges may still write. */
  readonly free: number;
  readonly total: number;
}

/** The code of an error of the file system, `unknown` where it has none. */
export function faultCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "unknown";
}
