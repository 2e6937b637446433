import type { Category } from "../../payload.ts";
import type { UnreadableFile } from "./unreadable-files.ts";

/** The disk behind the queues. */
export interface QueueStatus {
  /** Why nothing is written now: the code of the disk's error, `full`, `low_space`, `locked` or `starting`. */
  readonly trouble?: string;
  readonly diskBytes: number;
  /** What that may grow to, by the settings and the room on the disk. */
  readonly diskLimit: number;
  /** Milliseconds until it is full if it goes on growing as it does; infinite while it does not grow. */
  readonly fullInMs: number;
  readonly maxLossMs: number;
  /** The life before this one was not stopped but ended: how much it held in memory then nobody knows. */
  readonly afterCrash: boolean;
  /** Records found at the start that cannot be read: how many points were in them nobody knows. */
  readonly damagedRecords: number;
  /** Files that cannot be opened or read now: they are left alone and tried again, the rest works. */
  readonly unreadable: readonly UnreadableFile[];
  /** A crash would lose these. */
  readonly bodiesOnlyInMemory: number;
}

/** Something about the disk that a person should read. */
export type QueueNotice =
  /** What waits is in memory only from now on. */
  | { readonly event: "memory_only"; readonly code: string; readonly path: string }
  | { readonly event: "disk_again" }
  | ({ readonly event: "unreadable" } & UnreadableFile)
  /** The life before this one was not stopped: points of its last `maxLossMs` may be missing, uncounted. */
  | { readonly event: "after_crash"; readonly maxLossMs: number }
  /** Counts of earlier lives may be in files that were left alone: of another version, or nonsense. */
  | { readonly event: "ledger_foreign"; readonly foreign: readonly string[] }
  /** The directory of a category was opened; what could not be read of it. */
  | {
      readonly event: "opened";
      readonly category: Category;
      readonly tornBytes: number;
      /** Nobody knows what was in them. */
      readonly damagedRecords: number;
      /** Files that were left alone: of another version, or nonsense. */
      readonly foreign: readonly string[];
    };
