import type { StoredRecord } from "../../src/spool/segment-format.ts";
import { Spool } from "../../src/spool/spool.ts";
import type { FakeDisk } from "./fake-disk.ts";

export const DIRECTORY = "/queue/metric";

export async function openSpool(disk: FakeDisk, segmentBytes = 1 << 20): Promise<Spool> {
  return Spool.open({ disk, directory: DIRECTORY, segmentBytes, nowMs: () => 1_000 });
}

/** `count` records, one a body, named after `from` and following. */
export function records(count: number, from = 0, bytes = 100): StoredRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `dk_${from + index}`,
    ordinal: 0,
    atMs: 1_000 + from + index,
    points: 2,
    samples: 3,
    rawBytes: 500,
    gzip: Buffer.alloc(bytes, (from + index) & 0xff),
  }));
}

/** Ids of all that waits for a destination. */
export async function waiting(spool: Spool, destination: string): Promise<string[]> {
  const ids: string[] = [];
  for (const stretch of await spool.attach(destination)) {
    const reader = await spool.reader(stretch.segment);
    let next = await reader.next(stretch.offset, stretch.end);
    for (; next !== undefined; next = await reader.next(next.end, stretch.end)) {
      ids.push(next.record.id);
    }
    await reader.close();
  }
  return ids;
}

export function ids(count: number, from = 0): string[] {
  return records(count, from).map(({ id }) => id);
}
