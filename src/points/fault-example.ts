import type { LineFault } from "../exposition/line-fault.ts";

/** One malformed line as it may be shown: where, why, and an excerpt with quoted text masked. */
export interface FaultExample {
  readonly line: number;
  readonly reason: LineFault;
  readonly excerpt: string;
}
