import type { MessagePort } from "node:worker_threads";
import type { Payload } from "../payload.ts";
import type { ScrapeReport } from "../scrape/scrape-report.ts";
import type { ScrapeTarget } from "../scrape/scrape-target.ts";

/**
 * What the two ends of a lane say to each other, over one MessagePort in each lane. What crosses is always an array of these:
 * what one end had to say by the end of a turn of its event loop (outbox.ts). One port keeps one order: a target is
 * configured before it is scraped, a scrape's payloads come before its report.
 *
 *   main thread                              lane
 *   configure {target}          ──▶
 *   scrape {id, key, atMs}      ──▶
 *                               ◀──  payload {id, payload}   (buffer transferred, counted against the credit)
 *   ack {bytes}                 ──▶                          (gives credit back)
 *   abort {id}                  ──▶
 *                               ◀──  report {id, report}     (the last word about `id`)
 *   forget {key}                ──▶
 *   share {replayBytes}         ──▶
 *                               ◀──  outgrown                (its memory had been larger, and stays so for as long as it lives)
 *   ping                        ──▶
 *                               ◀──  pong
 *   close                       ──▶                          (reports of what it aborts, then the thread's task ends)
 *
 * So a scrape of a small page takes one array each way, or a part of one: payloads do not leave by themselves but with the next
 * report of any scrape, or as soon as 256 KiB of them are together, or where the credit is used up. An `ack` goes along with
 * whatever else the lane is told; it leaves by itself only where half of the credit would be owed. That is enough:
 * a lane that waits has all of its credit out, so that either half of it comes back or the main thread still holds half.
 *
 * Any array from the lane is a sign of life; it is pinged only where a beat passed without one.
 */
export type ToLane =
  | { readonly kind: "configure"; readonly target: ScrapeTarget }
  | { readonly kind: "scrape"; readonly id: number; readonly key: string; readonly atMs: number }
  | { readonly kind: "abort"; readonly id: number }
  | { readonly kind: "forget"; readonly key: string }
  | { readonly kind: "ack"; readonly bytes: number }
  | { readonly kind: "share"; readonly replayBytes: number }
  | { readonly kind: "ping" }
  | { readonly kind: "close" };

export type FromLane =
  | { readonly kind: "payload"; readonly id: number; readonly payload: Payload }
  | { readonly kind: "report"; readonly id: number; readonly report: ScrapeReport }
  | { readonly kind: "outgrown" }
  | { readonly kind: "pong" };

/** The one task of a lane's thread: it lasts as long as the lane. */
export interface LaneStart {
  readonly port: MessagePort;
  /** Where the main thread looks names up for it (dial/names-port.ts). */
  readonly names: MessagePort;
  /** Bytes of payloads the main thread may hold without having acknowledged them. */
  readonly creditBytes: number;
  /** Bytes for series seen before: what all lanes have together, which this one is given where it is the only one. */
  readonly replayBytes: number;
  /** Of that, what this lane has until it is told otherwise. */
  readonly shareBytes: number;
}
