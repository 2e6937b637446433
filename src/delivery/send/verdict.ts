import type { LossReason } from "../ledger/loss-reason.ts";
import type { NetworkFault } from "./network-fault.ts";

/** What the destination's answer, or the lack of one, means for a body. */
export type Verdict =
  | {
      readonly kind: "accepted";
      /** Points of the body that were refused while the rest was taken. */
      readonly rejectedPoints: number;
    }
  | {
      readonly kind: "retry";
      readonly reason: RetryReason;
      /** `slow`: only a person can put it right (credentials, a redirect), so ask rarely and say it. */
      readonly pace: "normal" | "slow";
      /** Milliseconds the destination asked us to wait at least. */
      readonly afterMs?: number;
    }
  | { readonly kind: "split" }
  | {
      readonly kind: "dropped";
      readonly reason: LossReason;
      /** It may be due to some of the lines, and the others may be taken without them. */
      readonly ofLines?: true;
    };

/** Why a body is kept and sent again. Literal reasons: they are metric labels and stable. */
export type RetryReason =
  | NetworkFault
  | "http_408"
  | "http_425"
  | "http_429"
  | "http_5xx"
  | "http_other"
  | "redirect"
  | "credentials"
  | "data_overuse"
  | "no_database"
  | "tls_files"
  | "disk_full"
  | "permission"
  | "file";

/** An HTTP answer as the verdict tables see it. */
export interface Answer {
  readonly status: number;
  readonly retryAfterMs?: number;
  /** The start of the body, not redacted: for tables that read it, never for people. */
  readonly text: string;
  /** Header `X-Influxdb-Error`, no more redacted than `text`. */
  readonly influxError?: string;
}

const OF_A_BODY: ReadonlySet<RetryReason> = new Set([
  "http_408",
  "http_5xx",
  "http_other",
  "connection_reset",
  "protocol",
  "timeout",
]);

/** The failure may be due to what is in the body: a server that stumbles over it, not one that is down or wants a pause. */
export function mayBeOfBody(verdict: Verdict): boolean {
  return verdict.kind === "retry" && verdict.afterMs === undefined && OF_A_BODY.has(verdict.reason);
}
