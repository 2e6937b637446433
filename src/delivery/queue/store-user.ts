import type { Category } from "../../payload.ts";
import type { Segment, Stretch } from "../../spool/segment.ts";
import type { LossReason } from "../ledger/loss-reason.ts";

/** A destination's queue as the store knows it. */
export interface StoreUser {
  readonly name: string;
  /** What a previous life left for it. */
  found(category: Category, stretches: readonly Stretch[]): void;
  /** More than half of its memory is taken by bodies that are not safe on disk. */
  readonly needsRoom: boolean;
  /** A segment goes: what waits there for it, and is not in memory, is lost. */
  segmentGoes(category: Category, segment: Segment, reason: LossReason, detail: string): void;
}
