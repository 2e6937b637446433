import type { ReplayKernel } from "./replay-kernel.ts";

/** The table of one target, and what decides who loses its table first. */
export interface TableHolder {
  /** 0: it has none. Another target may take it, but not while `inUse`. */
  table: number;
  inUse: boolean;
  /** Numbers of its latest use and of the one before. */
  usedAt: number;
  usedBefore: number;
}

/** No target takes more than this part of the memory, lest it push out all others. */
const LARGEST_PART = 2;

/** Shares the kernel's memory among targets. */
export class SeriesMemory {
  readonly kernel: ReplayKernel;
  #maxBlocks: number;
  readonly #holders = new Set<TableHolder>();
  #uses = 0;

  constructor(kernel: ReplayKernel) {
    this.kernel = kernel;
    this.#maxBlocks = largestPart(kernel);
  }

  /**
   * Shares at most `bytes` from now on; what is remembered stays. False where more was in use before, which only a new memory
   * gives back.
   */
  limit(bytes: number): boolean {
    const within = this.kernel.limit(bytes);
    this.#maxBlocks = largestPart(this.kernel);
    return within;
  }

  holder(): TableHolder {
    return { table: 0, inUse: false, usedAt: 0, usedBefore: 0 };
  }

  /** A page of this target begins. Returns its table, or 0 if there is no room. */
  use(holder: TableHolder): number {
    if (!holder.inUse) {
      holder.usedBefore = holder.usedAt;
      holder.usedAt = ++this.#uses;
      holder.inUse = true;
      this.#holders.add(holder);
    }
    while (holder.table === 0) {
      holder.table = this.kernel.calls.newTable(this.#maxBlocks);
      if (holder.table === 0 && !this.makeRoom(holder)) {
        break;
      }
    }
    return holder.table;
  }

  release(holder: TableHolder): void {
    holder.inUse = false;
  }

  drop(holder: TableHolder): void {
    if (holder.table !== 0) {
      this.kernel.calls.dropTable(holder.table);
      holder.table = 0;
    }
  }

  /** The target is gone. */
  forget(holder: TableHolder): void {
    this.drop(holder);
    this.#holders.delete(holder);
  }

  /**
   * Drops the table of the target that has not been used for longest, and returns whether there was
   * one. A target that was used since the last use of `asking` is worth as much as `asking`, and
   * keeps its table: when memory is too small for all, taking turns would leave every one without.
   */
  makeRoom(asking: TableHolder): boolean {
    let oldest: TableHolder | undefined;
    for (const holder of this.#holders) {
      const older = oldest === undefined || holder.usedAt < oldest.usedAt;
      if (holder.table !== 0 && !holder.inUse && older) {
        oldest = holder;
      }
    }
    if (oldest === undefined || oldest.usedAt > asking.usedBefore) {
      return false;
    }
    this.drop(oldest);
    return true;
  }

  /** The table may not grow, or all memory is in use. */
  isFull(holder: TableHolder): boolean {
    return (
      this.kernel.calls.tableBlocks(holder.table) >= this.#maxBlocks ||
      this.kernel.calls.freeBlocks() === 0
    );
  }
}

function largestPart({ blocks }: ReplayKernel): number {
  return Math.max(2, Math.floor(blocks / LARGEST_PART));
}
