import { type Disk, type DiskFile, faultCode } from "./disk.ts";
import { IntervalSet } from "./interval-set.ts";
import { decodePositions, generationOfName } from "./position-file.ts";
import {
  type Amount,
  added,
  amountOf,
  decodeHeader,
  decodeTrailer,
  EMPTY,
  firstOfName,
  HEADER_BYTES,
  TRAILER_BYTES,
} from "./segment-format.ts";
import { type FoundRecord, SegmentReader } from "./segment-reader.ts";

export interface SegmentView {
  readonly name: string;
  readonly bytes: number;
  readonly first: number;
  /** The greatest sequence number; below `first` where there is none. */
  readonly last: number;
  readonly amount: Amount;
  /** Unix milliseconds: when its newest record came. */
  readonly newestMs: number;
  /** False: it is being written, or its writer died. */
  readonly complete: boolean;
}

export interface SpoolView {
  /** In order of their numbers. */
  readonly segments: readonly SegmentView[];
  /** By destination; what waits for one that has no positions is everything. */
  readonly waiting: ReadonlyMap<string, Amount>;
  /** Of another version, or not readable. */
  readonly foreign: readonly string[];
}

/** What is in the directory of one category. Changes nothing, so an agent may be at work there: what goes meanwhile is left out. */
export async function viewSpool(disk: Disk, directory: string): Promise<SpoolView> {
  const names = [...(await disk.list(directory))].sort();
  const foreign: string[] = [];
  const segments: SegmentView[] = [];
  for (const name of names.filter((one) => firstOfName(one) !== undefined)) {
    const view = await unlessGone(() => viewSegment(disk, directory, name));
    if (view === "foreign") {
      foreign.push(name);
    } else if (view !== undefined) {
      segments.push(view);
    }
  }
  const waiting = new Map<string, Amount>();
  for (const [destination, settled] of await settledIn(disk, directory, names, foreign)) {
    waiting.set(destination, await waitingOf(disk, directory, segments, settled));
  }
  return { segments, waiting, foreign };
}

/** The records of a segment that can be read, in order. */
export async function* recordsOf(
  disk: Disk,
  directory: string,
  name: string,
): AsyncGenerator<FoundRecord> {
  const file = await disk.open(`${directory}/${name}`);
  try {
    const reader = new SegmentReader(file);
    const size = await file.size();
    let next = await reader.next(HEADER_BYTES, size);
    for (; next !== undefined; next = await reader.next(next.end, size)) {
      yield next;
    }
  } finally {
    await file.close();
  }
}

async function viewSegment(
  disk: Disk,
  directory: string,
  name: string,
): Promise<SegmentView | "foreign"> {
  const { header, size, sums } = await reading(disk, `${directory}/${name}`, async (file) => {
    const size = await file.size();
    const tail = await file.read(Math.max(0, size - TRAILER_BYTES), TRAILER_BYTES);
    const header = decodeHeader(await file.read(0, HEADER_BYTES));
    return { header, size, sums: decodeTrailer(tail, size) };
  });
  const first = firstOfName(name) ?? 0;
  if (header.kind === "foreign") {
    return "foreign";
  }
  if (sums !== undefined) {
    return { name, bytes: size, first, ...sums, complete: true };
  }
  let [amount, last, newestMs] = [EMPTY, first - 1, 0];
  for await (const { record, sequence } of recordsOf(disk, directory, name)) {
    amount = added(amount, amountOf(record));
    last = Math.max(last, sequence);
    newestMs = Math.max(newestMs, record.atMs);
  }
  return { name, bytes: size, first, last, amount, newestMs, complete: false };
}

async function settledIn(
  disk: Disk,
  directory: string,
  names: readonly string[],
  foreign: string[],
): Promise<Map<string, IntervalSet>> {
  const settled = new Map<string, IntervalSet>();
  for (const name of names) {
    const generation = generationOfName(name);
    if (generation === undefined) {
      continue;
    }
    const bytes = await unlessGone(() => reading(disk, `${directory}/${name}`, wholeOf));
    const found = bytes && decodePositions(bytes, generation);
    if (typeof found === "object") {
      settled.set(found.destination, union(found.settled, settled.get(found.destination)));
    } else if (found !== undefined) {
      foreign.push(name);
    }
  }
  return settled;
}

async function waitingOf(
  disk: Disk,
  directory: string,
  segments: readonly SegmentView[],
  settled: IntervalSet,
): Promise<Amount> {
  let amount = EMPTY;
  for (const { name, first, last, amount: all } of segments) {
    const gaps = settled.gapsIn({ first, last });
    const [gap] = gaps;
    if (gap?.first === first && gap.last === last) {
      amount = added(amount, all);
      continue;
    }
    const waits = (sequence: number) =>
      gaps.some((one) => one.first <= sequence && sequence <= one.last);
    const some = await unlessGone(() => amountWhere(disk, directory, name, gaps.length, waits));
    amount = added(amount, some ?? EMPTY);
  }
  return amount;
}

async function amountWhere(
  disk: Disk,
  directory: string,
  name: string,
  gaps: number,
  waits: (sequence: number) => boolean,
): Promise<Amount> {
  let amount = EMPTY;
  if (gaps > 0) {
    for await (const { record, sequence } of recordsOf(disk, directory, name)) {
      amount = waits(sequence) ? added(amount, amountOf(record)) : amount;
    }
  }
  return amount;
}

function union(one: IntervalSet, other = new IntervalSet()): IntervalSet {
  for (const interval of other.intervals) {
    one.add(interval);
  }
  return one;
}

async function wholeOf(file: DiskFile): Promise<Uint8Array> {
  return file.read(0, await file.size());
}

async function reading<T>(disk: Disk, path: string, read: (file: DiskFile) => Promise<T>) {
  const file = await disk.open(path);
  try {
    return await read(file);
  } finally {
    await file.close();
  }
}

/** Undefined: the file is gone. */
async function unlessGone<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (faultCode(error) === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}
