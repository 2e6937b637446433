import type { Payload } from "../payload.ts";
import type { ScrapeReport } from "../scrape/scrape-report.ts";
import type { ScrapeTarget } from "../scrape/scrape-target.ts";

/**
 * Takes what the scrape of a target produces, in order, while the scrape runs. A promise holds the scrape back until it
 * resolves; it must not reject.
 */
export type OnPayload = (targetKey: string, payload: Payload) => Promise<void> | undefined;

/** Where scrapes run. */
export interface Lane {
  /**
   * One scrape; `atMs` (Unix milliseconds) is the time its points carry. Never rejects: a lane that dies under it ends it
   * with `failed`/`lane`. When it resolves, each of its payloads has been handed to `OnPayload`. A target is known by
   * its key; another object under the same key replaces what was kept for the old one.
   */
  scrape(target: ScrapeTarget, atMs: number, signal: AbortSignal): Promise<ScrapeReport>;
  /** The target is gone: lets go of what was kept for it. Not to be called while a scrape of it runs. */
  forget(key: string): void;
  /** Aborts what runs, waits for it, lets go of everything. */
  stop(): Promise<void>;
}

/** Several lanes as one; a target always runs in the same of them while there are no more and no fewer. */
export interface Lanes extends Lane {
  /** Number of lanes now, at least 1. */
  readonly size: number;
  /** Which lane a target runs in, from 0. */
  laneOf(key: string): number;
  /** False while a lane that died has not been replaced: scrapes given to it fail at once. */
  ready(lane: number): boolean;
}
