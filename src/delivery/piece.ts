import type { Tally } from "../tally.ts";
import type { Body } from "./body/body.ts";
import { splitBody } from "./body/body-splitter.ts";
import { partId } from "./body/part-id.ts";
import type { LossReason } from "./ledger/loss-reason.ts";

/** A body of the queue while it is in hand. */
export interface Origin {
  readonly body: Body;
  /** Parts of it. */
  unsettled: number;
  /** What is in these. */
  rest: Tally;
  /** How often it or a part of it was halved because the destination did not take it. */
  halvings: number;
  /** Something in it is known to be bad. */
  proven: boolean;
  /** It was halved although nothing said that something in it was bad. */
  guessed: boolean;
  /** The destination took a part of it. */
  accepted: boolean;
  /** Monotonic time from which its share of requests lets another one go. */
  freeAtMs: number;
  /** Milliseconds of that share that may be used at once. */
  creditMs: number;
}

/** A body of the queue, or a part of one. */
export interface Piece {
  readonly body: Body;
  readonly origin: Origin;
  /** It is known to be one line. */
  indivisible: boolean;
  /** It was sent before. */
  again: boolean;
  /** In a row, with an answer, or the lack of one, that may be due to what is in it. */
  failures: number;
  /** Failures that were its own. */
  proven: number;
  /** Others go before it, and it has a back-off of its own. */
  aside: boolean;
  /** Monotonic time before which it is not sent again while it stands aside. */
  notBeforeMs: number;
  /**
   * Whether its last failure was its own: `pending` until the destination takes something else (`given`), or fails with something
   * else as well (`none`).
   */
  evidence: "none" | "pending" | "given";
  /** How it failed last. */
  trouble?: PieceTrouble;
}

/** An answer that a body got of its own. */
export interface PieceTrouble {
  /** `poison` for what is sent again; else a refusal, which another attempt would not change. */
  readonly reason: LossReason;
  readonly status?: number;
  /** Redacted, one line. */
  readonly detail: string;
}

export function troubleOf(
  reason: LossReason,
  { detail, status }: Omit<PieceTrouble, "reason">,
): PieceTrouble {
  return status === undefined ? { reason, detail } : { reason, detail, status };
}

export function wholePiece(body: Body): Piece {
  const origin = {
    body,
    unsettled: 1,
    rest: body.tally,
    halvings: 0,
    proven: false,
    guessed: false,
    accepted: false,
    freeAtMs: 0,
    creditMs: 0,
  };
  return partPiece(body, origin);
}

export type PieceCut =
  | { readonly kind: "parts"; readonly parts: readonly Piece[] }
  /** One line that cannot be cut. */
  | { readonly kind: "single" }
  | { readonly kind: "corrupt"; readonly detail: string };

/** Pieces of at most `most` bytes in place of one; each has the same id at every attempt and in every life. */
export async function cutPiece({ body, origin }: Piece, most: number): Promise<PieceCut> {
  let part = 0;
  const split = await splitBody(body, most, () => partId(body.id, `${most} ${part++}`));
  return split.kind === "parts"
    ? { kind: "parts", parts: split.parts.map((one) => partPiece(one, origin)) }
    : split;
}

export function halfOf({ body }: Piece): number {
  return Math.max(1, Math.floor(body.tally.bytes / 2));
}

function partPiece(body: Body, origin: Origin): Piece {
  return {
    body,
    origin,
    indivisible: false,
    again: false,
    failures: 0,
    proven: 0,
    aside: false,
    notBeforeMs: 0,
    evidence: "none",
  };
}
