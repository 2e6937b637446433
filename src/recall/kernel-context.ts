import type { Dialect } from "../exposition/dialect.ts";
import type { LineCounts } from "../points/line-counts.ts";
import { FARTHEST_TIME_MS, latin1, type PairHalf } from "../points/point-writer.ts";
import { honorTime, word } from "../replay/kernel-memory.ts";
import { KernelRecords } from "../replay/kernel-records.ts";
import type { ReplayKernel } from "../replay/replay-kernel.ts";
import type { RulesConfig } from "../rules/rules-config.ts";
import type { LedgerCounters } from "./ledger-counters.ts";

/**
 * Adds what the kernel has counted since the last call to `counts`; returns the number of lines.
 */
export function takeCounts(
  context: Uint32Array,
  counts: LineCounts,
  counters: LedgerCounters,
): number {
  const lines = context[word.lines] as number;
  if (lines === 0) {
    return 0;
  }
  counts.lines += lines;
  counts.blank += context[word.blank] as number;
  counts.comments += context[word.comments] as number;
  counts.samples += context[word.samples] as number;
  counts.points += context[word.points] as number;
  counts.sent += context[word.sent] as number;
  counters.add(counts, counters.notFinite, context[word.notFinite] as number);
  for (let counter = 0; counter < counters.size; counter++) {
    const samples = context[word.counters + counter] as number;
    if (samples > 0) {
      counters.add(counts, counter, samples);
    }
  }
  context.fill(0, word.lines, word.notFinite + 1);
  context.fill(0, word.counters);
  return lines;
}

/** Copies the half that waits in the kernel. `record` is its record. */
export function heldHalf(kernel: ReplayKernel, record: number): PairHalf {
  const { bytes, context } = kernel;
  const records = new KernelRecords(kernel);
  const start = context[word.heldStart] as number;
  const keyEnd = start + records.seriesKeyBytes(record);
  const textEnd = start + records.textBytes(record);
  return {
    part: records.isSum(record) ? "sum" : "count",
    seriesKey: latin1(bytes, start, keyEnd),
    field: bytes.slice(keyEnd + 1, textEnd - 1),
    value: latin1(bytes, textEnd, context[word.heldEnd] as number),
  };
}

export type TimeRules = Pick<RulesConfig, "honorTimestamps" | "correctTimes">;

/** Tells the kernel what to do with the times that lines carry, on a page scraped at `atMs`. */
export function putTimes(
  context: Uint32Array,
  dialect: Dialect,
  { honorTimestamps, correctTimes }: TimeRules,
  atMs: number,
): void {
  const within = correctTimes === true ? honorTime.within : honorTime.yes;
  // In OpenMetrics they are seconds.
  const honored = dialect === "text" ? within : honorTime.cold;
  context[word.honorTime] = honorTimestamps ? honored : honorTime.no;
  putMilliseconds(context, word.earliest, Math.ceil(atMs - FARTHEST_TIME_MS));
  putMilliseconds(context, word.latest, Math.floor(atMs + FARTHEST_TIME_MS));
}

/** Writes a time as the two words of a 64-bit number; one before 1970 becomes 0. */
function putMilliseconds(context: Uint32Array, at: number, ms: number): void {
  const time = Math.max(0, ms);
  context[at] = time % 2 ** 32;
  context[at + 1] = time / 2 ** 32;
}

/** Writes ASCII text and returns its length. */
export function putText(bytes: Uint8Array, start: number, text: string): number {
  for (let at = 0; at < text.length; at++) {
    bytes[start + at] = text.charCodeAt(at);
  }
  return text.length;
}
