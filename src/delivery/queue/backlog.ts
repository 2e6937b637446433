import type { Category } from "../../payload.ts";
import type { Segment, Stretch } from "../../spool/segment.ts";
import {
  type Amount,
  added,
  amountOf,
  EMPTY,
  type StoredRecord,
  taken,
} from "../../spool/segment-format.ts";
import type { FoundRecord, SegmentReader } from "../../spool/segment-reader.ts";
import { sum, type Tally } from "../../tally.ts";
import { type Body, withSinkTags } from "../body/body.ts";
import { partId } from "../body/part-id.ts";

/** What comes next from the disk. */
export type FromDisk =
  | {
      readonly kind: "body";
      readonly body: Body;
      readonly segment: Segment;
      /** Unix milliseconds when its first payload came. */
      readonly atMs: number;
      readonly first: number;
      readonly last: number;
    }
  /** Records that cannot be read; `amount` is what was in them, as far as anybody knows. */
  | {
      readonly kind: "damaged";
      readonly first: number;
      readonly last: number;
      readonly amount: Amount;
    };

/** Which records of one category wait for one destination on disk only, in order. */
export class Backlog {
  readonly #category: Category;
  readonly #open: (segment: Segment) => Promise<SegmentReader>;
  #stretches: Waiting[] = [];
  #reader: { readonly segment: Segment; readonly reader: SegmentReader } | undefined;
  amount: Amount = EMPTY;

  constructor(category: Category, open: (segment: Segment) => Promise<SegmentReader>) {
    this.#category = category;
    this.#open = open;
  }

  get isEmpty(): boolean {
    return this.#stretches.length === 0;
  }

  /** In order of numbers, but for what comes back after others were put behind it. */
  push(stretch: Stretch): void {
    this.amount = added(this.amount, stretch.amount);
    const last = this.#stretches.at(-1);
    if (last !== undefined && last.segment === stretch.segment && last.last + 1 === stretch.first) {
      last.last = stretch.last;
      last.end = stretch.end;
      last.amount = added(last.amount, stretch.amount);
    } else {
      this.#stretches.push({ ...stretch });
    }
  }

  /** What comes next cannot be read now: the rest goes first. Gives its segment. */
  postpone(): Segment | undefined {
    const [front] = this.#stretches;
    const isFront = (one: Waiting) => one.segment === front?.segment;
    const rest = this.#stretches.filter((one) => !isFront(one));
    this.#stretches = [...rest, ...this.#stretches.filter(isFront)];
    return front?.segment;
  }

  /** What waited in that segment does not any more. */
  drop(segment: Segment): Amount {
    const dropped = this.#stretches.filter((one) => one.segment === segment);
    this.#stretches = this.#stretches.filter((one) => one.segment !== segment);
    const amount = dropped.reduce((all, one) => added(all, one.amount), EMPTY);
    this.amount = taken(this.amount, amount);
    return amount;
  }

  /**
   * Takes the next body and gives it in the same breath, so that it is counted in one place at any time. Rejects with an error of
   * the disk, and then nothing was taken.
   */
  async next(give: (found: FromDisk) => void): Promise<void> {
    for (let front = this.#stretches[0]; front !== undefined; front = this.#stretches[0]) {
      const run = await this.#run(front);
      // Meanwhile its segment may have been dropped.
      if (this.#stretches[0] === front) {
        give(run.length === 0 ? this.#takeDamaged(front) : this.#take(front, run));
        return;
      }
    }
    await this.close();
  }

  async close(): Promise<void> {
    const open = this.#reader;
    this.#reader = undefined;
    await open?.reader.close().catch(() => undefined);
  }

  /** The records of one body from the start of the stretch on. */
  async #run(stretch: Waiting): Promise<FoundRecord[]> {
    const reader = await this.#readerOf(stretch.segment);
    const { end, first } = stretch;
    const run: FoundRecord[] = [];
    let next = await reader.next(stretch.offset, end);
    while (next !== undefined && (run[0] === undefined || next.record.id === run[0].record.id)) {
      if (next.sequence >= first) {
        run.push(next);
      }
      next = await reader.next(next.end, end);
    }
    return run;
  }

  async #readerOf(segment: Segment): Promise<SegmentReader> {
    if (this.#reader?.segment !== segment) {
      await this.close();
      this.#reader = { segment, reader: await this.#open(segment) };
    }
    return this.#reader.reader;
  }

  #take(front: Waiting, run: readonly FoundRecord[]): FromDisk {
    const records = run.map(({ record }) => record);
    const amount = records.reduce((all, record) => added(all, amountOf(record)), EMPTY);
    const { first } = front;
    const last = run.at(-1)?.sequence ?? first;
    front.amount = taken(front.amount, amount);
    this.amount = taken(this.amount, amount);
    front.first = last + 1;
    front.offset = run.at(-1)?.end ?? front.end;
    if (front.first > front.last && front.amount.records === 0) {
      this.#stretches.shift();
    }
    const atMs = Math.min(...records.map((record) => record.atMs));
    const body = bodyOf(this.#category, records);
    return { kind: "body", body, segment: front.segment, atMs, first, last };
  }

  #takeDamaged(front: Waiting): FromDisk {
    this.#stretches.shift();
    const { first, last, amount } = front;
    this.amount = taken(this.amount, amount);
    return { kind: "damaged", first: Math.min(first, last), last, amount };
  }
}

type Waiting = { -readonly [K in keyof Stretch]: Stretch[K] };

function bodyOf(category: Category, records: readonly StoredRecord[]): Body {
  const members = records.map(({ gzip, points, samples, rawBytes }) => ({
    gzipBytes: gzip.byteLength,
    tally: { payloads: 1, points, samples, bytes: rawBytes } satisfies Tally,
  }));
  const { id, ordinal, sinkTags }: Pick<StoredRecord, "id" | "ordinal" | "sinkTags"> =
    records[0] ?? { id: "", ordinal: 0 };
  return {
    // What begins in the middle of a body is not that body: its start is elsewhere, and goes under its name.
    id: ordinal === 0 ? id : partId(id, `from ${ordinal}`),
    category,
    gzip: Buffer.concat(records.map(({ gzip }) => gzip)),
    members,
    tally: sum(members.map(({ tally }) => tally)),
    ...withSinkTags(sinkTags),
  };
}
