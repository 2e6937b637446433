import type { Category } from "../payload.ts";
import type { Tally } from "../tally.ts";
import type { LossReason } from "./ledger/loss-reason.ts";
import type { QueueStatus } from "./queue/queue-status.ts";
import type { RetryReason } from "./send/verdict.ts";

/**
 * - `idle`: nothing was sent yet
 * - `ok`: the last attempt was answered, well or with a refusal of that body
 * - `failing`: the last attempt failed and is repeated, one at a time
 * - `stopped`
 */
export type DestinationState = "idle" | "ok" | "failing" | "stopped";

/** `offered` + `recovered` = `sent` + `queued` + the sum of `lost`. */
export interface LedgerStatus {
  readonly offered: Tally;
  /** Left on disk by a previous life. */
  readonly recovered: Tally;
  readonly sent: Tally;
  readonly queued: Tally;
  readonly lost: Readonly<Partial<Record<LossReason, Tally>>>;
}

export interface DestinationStatus {
  readonly name: string;
  readonly kind: "dataway" | "influx_v1" | "influx_v2" | "file";
  /** Where it goes, without secrets. */
  readonly address: string;
  readonly state: DestinationState;
  readonly ledger: Readonly<Record<Category, LedgerStatus>>;
  readonly queuedBodies: number;
  /** Bytes of memory its queue holds; bodies may be shared with other destinations. */
  readonly heldBytes: number;
  /** Unix milliseconds. */
  readonly lastSuccessMs?: number;
  readonly lastError?: LastError;
  /** Failures since the last success. */
  readonly failures: number;
  /** What steps aside so that others can go on, part of what is queued. */
  readonly aside: Readonly<Record<Category, AsideStatus>>;
}

interface AsideStatus {
  readonly bodies: number;
  readonly tally: Tally;
}

export interface LastError {
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly reason: RetryReason | LossReason;
  readonly status?: number;
  /** Redacted, one line. */
  readonly detail: string;
}

export interface DeliveryStatus {
  readonly destinations: readonly DestinationStatus[];
  /** Bytes of memory held: every body once, however many destinations it waits for, and what is not in a body yet. */
  readonly memoryBytes: number;
  readonly memoryBound: number;
  /** Absent where there is no disk behind the memory. */
  readonly queue?: QueueStatus;
}

/** What `stop` could not send any more. */
export interface StopReport {
  /** Now counted as lost with reason `shutdown`. `why`: how the destination failed; absent where there was no time. */
  readonly unsent: readonly {
    readonly destination: string;
    readonly tally: Tally;
    readonly why?: string;
  }[];
  /** On disk for the next life; stays counted as queued. */
  readonly kept: readonly { readonly destination: string; readonly tally: Tally }[];
}
