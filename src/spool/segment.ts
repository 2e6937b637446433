import type { Amount } from "./segment-format.ts";

/** What is known of one segment file. */
export interface Segment {
  readonly name: string;
  readonly first: number;
  /** The greatest sequence number in it; below `first` while it is empty. */
  readonly last: number;
  readonly amount: Amount;
  readonly newestMs: number;
  /** Where its records end. */
  readonly end: number;
  /** Bytes of it that survive a loss of power. */
  readonly syncedBytes: number;
  /** Bytes it takes on disk. */
  readonly size: number;
}

/** Records of one segment that follow each other there. */
export interface Stretch {
  readonly segment: Segment;
  readonly first: number;
  readonly last: number;
  /** Where the first of them begins. */
  readonly offset: number;
  /** Where the last of them ends. */
  readonly end: number;
  readonly amount: Amount;
}
