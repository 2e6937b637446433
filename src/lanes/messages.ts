import type { MessagePort } from "node:worker_threads";
import type { Payload } from "../payload.ts";
import type { ScrapeReport } from "../scrape/scrape-report.ts";
import type { ScrapeTarget } from "../scrape/scrape-target.ts";

/**
 * What the two ends of a lane say to each other, over one MessagePort in each lane. One port keeps one order: a target is
 * configured before it is scraped, a scrape's payloads come before its report.
 *
 *   main thread                              lane
 *   configure {target}          ──▶
 *   scrape {id, key, atMs}      ──▶
 *                               ◀──  payloads {id, payloads} (buffers transferred, counted against the credit)
 *   ack {bytes}                 ──▶                          (gives credit back)
 *   abort {id}                  ──▶
 *                               ◀──  report {id, report}     (the last word about `id`)
 *   forget {key}                ──▶
 *   ping                        ──▶
 *                               ◀──  pong
 *   close                       ──▶                          (reports of what it aborts, then the thread's task ends)
 */
export type ToLane =
  | { readonly kind: "configure"; readonly target: ScrapeTarget }
  | { readonly kind: "scrape"; readonly id: number; readonly key: string; readonly atMs: number }
  | { readonly kind: "abort"; readonly id: number }
  | { readonly kind: "forget"; readonly key: string }
  | { readonly kind: "ack"; readonly bytes: number }
  | { readonly kind: "ping" }
  | { readonly kind: "close" };

export type FromLane =
  | { readonly kind: "payloads"; readonly id: number; readonly payloads: readonly Payload[] }
  | { readonly kind: "report"; readonly id: number; readonly report: ScrapeReport }
  | { readonly kind: "pong" };

/** The one task of a lane's thread: it lasts as long as the lane. */
export interface LaneStart {
  readonly port: MessagePort;
  /** Bytes of payloads the main thread may hold without having acknowledged them. */
  readonly creditBytes: number;
  /** Bytes for series seen before. */
  readonly replayBytes: number;
}
