import type { Disk } from "./disk.ts";
import { ledgerCounts } from "./ledger-count.ts";
import { findLedger } from "./ledger-file.ts";
import type { Amount } from "./segment-format.ts";
import { recordsOf, viewSpool } from "./spool-view.ts";

export interface QueueVerdict {
  /** False: the last life did not end with a stop, so its counts are older than what is on disk and are not compared. */
  readonly isCompared: boolean;
  /** Sentences for people: what cannot be read, and where the counts and the disk differ. */
  readonly differences: readonly string[];
}

const CATEGORIES = ["metric", "logging"] as const;
const MEASURES = ["points", "samples", "bytes"] as const;
const IN = ["enqueued", "found"];
const OUT = ["sent", "lost", "unknown", "queued"];

/**
 * Compares what a queue's ledger says to wait with what its positions and records say. Changes nothing; for a queue that no
 * process has. Rejects where the directory cannot be listed.
 */
export async function verifyQueue(disk: Disk, directory: string): Promise<QueueVerdict> {
  const names = await disk.list(directory);
  const differences: string[] = [];
  const waiting = new Map<string, Amount>();
  for (const category of CATEGORIES.filter((one) => names.includes(one))) {
    const path = `${directory}/${category}`;
    const view = await viewSpool(disk, path);
    differences.push(...view.foreign.map((name) => `${path}/${name}: cannot be read`));
    for (const { name, amount } of view.segments) {
      differences.push(...(await unreadable(disk, path, name, amount)));
    }
    for (const [destination, amount] of view.waiting) {
      waiting.set(`${destination} ${category}`, amount);
    }
  }
  const { last, foreign } = await findLedger(disk, directory);
  if (last?.final === true) {
    differences.push(...unlike(ledgerCounts(last.counts), waiting));
  } else {
    // What a loss of power tore is of no consequence once a later life has saved its counts.
    differences.push(...foreign.map((name) => `${directory}/${name}: cannot be read`));
  }
  return { isCompared: last?.final === true, differences };
}

async function unreadable(
  disk: Disk,
  path: string,
  name: string,
  { records }: Amount,
): Promise<string[]> {
  let [read, last] = [0, 0];
  for await (const { sequence } of recordsOf(disk, path, name)) {
    // Out of order is what shows through of an older record.
    read += sequence > last ? 1 : 0;
    last = Math.max(last, sequence);
  }
  return read === records ? [] : [`${path}/${name}: ${read} of ${records} records can be read`];
}

function unlike(
  counts: ReturnType<typeof ledgerCounts>,
  waiting: ReadonlyMap<string, Amount>,
): string[] {
  const points = counts.filter(({ measure }) => measure !== "lines");
  const pages = Map.groupBy(points, ({ destination, category }) => `${destination} ${category}`);
  const differences: string[] = [];
  for (const name of new Set([...pages.keys(), ...waiting.keys()])) {
    for (const measure of MEASURES) {
      const rows = (pages.get(name) ?? []).filter((row) => row.measure === measure);
      const sum = (fates: readonly string[]) =>
        rows.reduce((all, { fate, count }) => all + (fates.includes(fate) ? count : 0), 0);
      const onDisk = waiting.get(name);
      const there = measure === "bytes" ? onDisk?.rawBytes : onDisk?.[measure];
      if (sum(["queued"]) !== (there ?? 0)) {
        differences.push(
          `${name}: the ledger says that ${sum(["queued"])} ${measure} wait, and ${there ?? 0} are on disk`,
        );
      }
      if (sum(IN) !== sum(OUT)) {
        differences.push(`${name}: the ledger's ${measure} are out by ${sum(IN) - sum(OUT)}`);
      }
    }
  }
  return differences;
}
