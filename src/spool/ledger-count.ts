import type { Counts } from "./ledger-file.ts";

/** One number of the ledger. */
export interface LedgerCount {
  /** `lines`: of pages; the others for each destination and category. */
  readonly measure: "lines" | "points" | "samples" | "bytes";
  /** As it is called on disk; empty for lines, like `category`. */
  readonly destination: string;
  readonly category: string;
  /**
   * Of lines: `read`, and what they turned out to be. Of points, samples and bytes:
   *
   *     enqueued + found = sent + lost + unknown + queued
   *
   * - `found`: on disk at a start, though no count had them: taken after the last one was saved, or to be sent again
   * - `unknown`: waited when counts were last saved, and were not there at the next start: sent or lost after it
   */
  readonly fate: string;
  /** Of what is filtered, dropped, malformed or lost; else empty. */
  readonly reason: string;
  readonly count: number;
}

/** Lives before, and how well their counts are known. */
export interface LivesBefore {
  readonly lives: number;
  /** Of these, lives whose last counts were not saved: killed, or without a disk at the end. */
  readonly cut: number;
  /** Milliseconds from the last counts of such a life to the next start, all of them together: the most that is not counted. */
  readonly uncountedMs: number;
}

const SEPARATOR = "\0";
const MEASURES = ["lines", "points", "samples", "bytes"] as const;
const LIVES = "lives";
const CUT = "cut";
const UNCOUNTED_MS = "uncounted_ms";

/** The name of a count in the file. */
export function nameOfCount({
  measure,
  destination,
  category,
  fate,
  reason,
}: Omit<LedgerCount, "count">): string {
  return [measure, destination, category, fate, reason].join(SEPARATOR);
}

export function withLives(counts: Counts, { lives, cut, uncountedMs }: LivesBefore): Counts {
  return new Map([...counts, [LIVES, lives], [CUT, cut], [UNCOUNTED_MS, uncountedMs]]);
}

export function livesIn(counts: Counts): LivesBefore {
  const value = (name: string) => counts.get(name) ?? 0;
  return { lives: value(LIVES), cut: value(CUT), uncountedMs: value(UNCOUNTED_MS) };
}

/** Those with a measure that is known. */
export function ledgerCounts(counts: Counts): LedgerCount[] {
  return [...counts].flatMap(([name, count]) => {
    const [first, destination = "", category = "", fate = "", reason = ""] = name.split(SEPARATOR);
    const measure = MEASURES.find((one) => one === first);
    return measure === undefined ? [] : [{ measure, destination, category, fate, reason, count }];
  });
}
