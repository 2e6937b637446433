import type { Category, Payload } from "../../payload.ts";
import type { Segment, Stretch } from "../../spool/segment.ts";
import type { Placed } from "../../spool/segment-file.ts";
import type { StoredRecord } from "../../spool/segment-format.ts";
import { added, EMPTY } from "../../spool/segment-format.ts";
import { type Body, withSinkTags } from "../body/body.ts";

/** `room`: until there is room to spare. `expired`: never, since the next life would only drop it. */
export type WriteRefusal = "room" | "expired";

/** A body in memory, from its first payload on, and what of it is on disk. All destinations share it. */
export class StoredBody {
  readonly id: string;
  readonly category: Category;
  /** Unix milliseconds when its first payload came. */
  readonly atMs: number;
  /** Destinations that have it in memory. */
  readonly holders: Set<string>;
  /** Where its records are. One stretch is synced as a whole or not at all. */
  readonly stretches: Stretch[] = [];
  /** Why it is not written now, though memory alone holds it. */
  refused: WriteRefusal | undefined;
  #body: Body | undefined;
  #open: { readonly payload: Payload; readonly atMs: number }[] = [];
  #written = 0;

  constructor(id: string, category: Category, atMs: number, holders: Iterable<string>) {
    this.id = id;
    this.category = category;
    this.atMs = atMs;
    this.holders = new Set(holders);
  }

  /** The body, once it is complete. */
  get body(): Body | undefined {
    return this.#body;
  }

  add(payload: Payload, atMs: number): void {
    this.#open.push({ payload, atMs });
  }

  /** From here on the bytes are those of the body. */
  close(body: Body): void {
    this.#body = body;
    this.#open = [];
  }

  /** Everything is on disk. */
  get isWritten(): boolean {
    return this.#body !== undefined && this.#written === this.#body.members.length;
  }

  get hasUnsynced(): boolean {
    return !this.stretches.every(isSynced);
  }

  /** What came until then and is not on disk. */
  records(untilMs: number): StoredRecord[] {
    if (this.#body === undefined) {
      return this.#openRecords(untilMs);
    }
    return this.atMs <= untilMs ? this.#closedRecords(this.#body) : [];
  }

  written(placed: readonly Placed[], records: readonly StoredRecord[]): void {
    for (const [index, { segment, sequence, offset, end }] of placed.entries()) {
      const record = records[index];
      const amount = record === undefined ? EMPTY : { records: 1, ...amounts(record) };
      const last = this.stretches.at(-1);
      if (last !== undefined && isContinued(last, segment, sequence)) {
        const grown = { ...last, last: sequence, end, amount: added(last.amount, amount) };
        this.stretches[this.stretches.length - 1] = grown;
      } else {
        this.stretches.push({ segment, first: sequence, last: sequence, offset, end, amount });
      }
    }
    this.#written += placed.length;
  }

  /** From the first stretch of which `lapses` is true on, nothing counts any more: gives those. What is before stays written. */
  takeBack(lapses: (stretch: Stretch) => boolean): Stretch[] {
    const from = this.stretches.findIndex(lapses);
    const back = from < 0 ? [] : this.stretches.splice(from);
    this.#written -= back.reduce((all, { amount }) => all + amount.records, 0);
    return back;
  }

  #openRecords(untilMs: number): StoredRecord[] {
    const records: StoredRecord[] = [];
    for (const [ordinal, { payload, atMs }] of this.#open.entries()) {
      if (ordinal >= this.#written && atMs <= untilMs) {
        const { category: _, ...stored } = payload;
        records.push({ id: this.id, ordinal, atMs, ...stored });
      }
    }
    return records;
  }

  #closedRecords(body: Body): StoredRecord[] {
    const records: StoredRecord[] = [];
    let from = 0;
    for (const [ordinal, { gzipBytes, tally }] of body.members.entries()) {
      const gzip = body.gzip.subarray(from, from + gzipBytes);
      from += gzipBytes;
      if (ordinal >= this.#written) {
        const { points, samples, bytes: rawBytes } = tally;
        const { id, atMs } = this;
        const sinkTags = withSinkTags(body.sinkTags);
        records.push({ id, ordinal, atMs, points, samples, rawBytes, gzip, ...sinkTags });
      }
    }
    return records;
  }
}

export function isSynced({ segment, end }: Stretch): boolean {
  return segment.syncedBytes >= end;
}

/** What is synced already is not joined with what is not: after a fault only the latter is written again. */
function isContinued(stretch: Stretch, segment: Segment, sequence: number): boolean {
  return stretch.segment === segment && stretch.last + 1 === sequence && !isSynced(stretch);
}

function amounts({ points, samples, rawBytes }: StoredRecord) {
  return { points, samples, rawBytes };
}
