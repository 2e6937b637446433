import type { PageLimits } from "./page-limits.ts";

/** Bounds of one scrape. */
export interface ScrapeLimits extends PageLimits {
  /** Milliseconds from the start of the request to the end of the body. */
  readonly totalTimeoutMs: number;
}
