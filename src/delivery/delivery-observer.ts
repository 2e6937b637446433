import type { Category } from "../payload.ts";
import type { Tally } from "../tally.ts";
import type { DestinationState } from "./delivery-status.ts";
import type { LossReason } from "./ledger/loss-reason.ts";
import type { QueueNotice } from "./queue/queue-status.ts";
import type { RetryReason } from "./send/verdict.ts";

/** Told what delivery does, for metrics and log. Calls are synchronous, must not throw, and hold no secret. */
export interface DeliveryObserver {
  /** Points that a previous life left on disk for a destination. */
  recovered(destination: string, category: Category, tally: Tally): void;
  /** Points a destination has accepted. */
  sent(destination: string, category: Category, tally: Tally): void;
  /** Points a destination will never get. Each is told once. */
  lost(destination: string, category: Category, reason: LossReason, tally: Tally): void;
  /** One request or write ended. `wireBytes` is what was sent of the body, `durationMs` wall time. */
  attempt(destination: string, result: AttemptResult, wireBytes: number, durationMs: number): void;
  state(destination: string, state: DestinationState): void;
  /** Something a person should read. Throttled: each destination and event and reason at most once a minute. */
  notice(notice: DeliveryNotice): void;
  /** Something about the disk behind the queues that a person should read. Told when it changes. */
  queue(notice: QueueNotice): void;
  /** The flush interval is over and what had come is on its way. */
  flushed(status: FlushSummary): void;
}

export type AttemptResult = "accepted" | "split" | "aborted" | RetryReason | LossReason;

export interface DeliveryNotice {
  readonly destination: string;
  readonly event: "aside" | "failing" | "lost" | "recovered" | "split";
  readonly reason?: RetryReason | LossReason;
  readonly status?: number;
  /** Redacted, one line, at most 300 characters: an excerpt of the answer or the text of an error. */
  readonly detail: string;
  /** Notices like this one left out since the last. */
  readonly suppressed: number;
}

/** What went into bodies since the last flush. */
interface FlushSummary {
  readonly taken: Tally;
}
