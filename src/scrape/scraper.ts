import type { Payload } from "../payload.ts";
import type { ScrapeReport } from "./scrape-report.ts";
import type { ScrapeTarget } from "./scrape-target.ts";

/** Takes what a scrape produces, in order. A promise asks the scrape to pause until it resolves: the way out is full. */
export type Emit = (payload: Payload) => Promise<void> | undefined;

/** Scrapes targets: connections, compiled rules and remembered TLS files live here, one instance a lane. */
export class Scraper {
  /**
   * One scrape of one target. `atMs` (Unix milliseconds) is the time its points carry. Never rejects: what went wrong is
   * the outcome of the report. When the promise resolves everything has been emitted.
   */
  scrape(
    _target: ScrapeTarget,
    _atMs: number,
    _emit: Emit,
    _signal: AbortSignal,
  ): Promise<ScrapeReport> {
    throw new Error("not built yet");
  }

  /** The target is gone: lets go of what was kept for it. */
  forget(_key: string): void {
    throw new Error("not built yet");
  }

  /** Closes idle connections. */
  close(): Promise<void> {
    throw new Error("not built yet");
  }
}
