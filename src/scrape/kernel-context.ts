import { kind, word } from "../replay/kernel-memory.ts";
import type { ReplayKernel } from "../replay/replay-kernel.ts";
import type { LedgerCounters } from "./ledger-counters.ts";
import type { LineCounts } from "./line-counts.ts";
import { latin1, type PairHalf } from "./point-writer.ts";

/** Moves what the kernel has counted since it was asked last to `counts`, and answers the number of lines. */
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

/** The half that waits in the kernel, whose record this is. */
export function heldHalf(kernel: ReplayKernel, record: number): PairHalf {
  const { bytes, context } = kernel;
  const start = context[word.heldStart] as number;
  const keyEnd = start + kernel.shortAt(record + 40);
  const textEnd = start + kernel.shortAt(record + 32);
  return {
    part: kernel.byteAt(record + 22) === kind.sum ? "sum" : "count",
    seriesKey: latin1(bytes, start, keyEnd),
    field: bytes.slice(keyEnd + 1, textEnd - 1),
    value: latin1(bytes, textEnd, context[word.heldEnd] as number),
  };
}

/** ASCII text. */
export function putText(bytes: Uint8Array, start: number, text: string): number {
  for (let at = 0; at < text.length; at++) {
    bytes[start + at] = text.charCodeAt(at);
  }
  return text.length;
}
