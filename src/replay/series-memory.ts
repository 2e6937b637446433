import type { ReplayKernel } from "./replay-kernel.ts";

/** The table of one target and who may take it away. */
export interface TableHolder {
  /** 0: none. It may be gone, but not while `inUse`. */
  table: number;
  inUse: boolean;
  /** Number of the use that is under way or was the last, and of the one before. */
  usedAt: number;
  usedBefore: number;
}

/** No target takes more than this part of the memory: one that large must not push out all others. */
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

  /** A page of this target begins. Its table, 0 where there is no room. */
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
   * Takes the memory of the target that was not used for longest, and answers whether there was one. A target that was used
   * since `asking` was used before is no less worth remembering: where all are like that, the memory is too small for all of
   * them, and taking turns would leave every one without.
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

  /** The table is full for itself, or all memory is in use. */
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
