import { type Disk, type DiskSpace, faultCode } from "./disk.ts";
import { IntervalSet } from "./interval-set.ts";
import { type FoundPositions, PositionFile, positionsPrefix } from "./position-file.ts";
import type { Segment, Stretch } from "./segment.ts";
import { type Placed, SegmentFile } from "./segment-file.ts";
import { firstOfName, recordBytes, type StoredRecord } from "./segment-format.ts";
import type { SegmentReader } from "./segment-reader.ts";
import { readSpoolFiles, SPARE_NUMBERS, type SpoolFiles } from "./spool-files.ts";

export interface SpoolOptions {
  readonly disk: Disk;
  readonly directory: string;
  /** A segment that has grown so long is completed and a new one begun, between two bodies. */
  readonly segmentBytes: number;
  readonly nowMs: () => number;
}

/** What start-up found beside records. */
export interface Recovery {
  readonly tornBytes: number;
  readonly damagedRecords: number;
  /** Names of files that were left alone: of another version, or not readable. */
  readonly foreign: readonly string[];
}

export type SpoolOutcome<T> =
  | { readonly kind: "ok"; readonly value: T }
  /** The `code` of the disk's error. */
  | { readonly kind: "fault"; readonly code: string; readonly value: T };

/**
 * The directory of one category: segments in order, and what each destination has settled of them. It loses nothing by itself:
 * segments go only when told, and what cannot be read stays where it is. Changes are one at a time.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #segments = new Map<string, SegmentFile>();
  readonly #found = new Map<string, FoundPositions>();
  readonly #positions = new Map<string, PositionFile>();
  #active: SegmentFile | undefined;
  #lastId: string | undefined;
  #nextSequence = 1;
  /** Of all files with positions, whosever and in whatever state. */
  #highestGeneration = 0;
  /** What this life found and removed may not be settled on disk. */
  #unsyncedDirectory = true;
  /** No segment below comes back, not even after a loss of power. */
  #goneBelow = 0;
  #unreadable: ReadonlyMap<string, string> = new Map();
  /** What earlier lives left. */
  readonly #recovered = new Set<SegmentFile>();
  /** Destinations that did not get what waits for them. */
  readonly #pending = new Set<string>();
  recovery: Recovery = { tornBytes: 0, damagedRecords: 0, foreign: [] };

  private constructor(options: SpoolOptions) {
    this.#options = options;
  }

  /** Opens and recovers. Rejects with an error of the disk where the directory cannot be made or listed. */
  static async open(options: SpoolOptions): Promise<Spool> {
    const spool = new Spool(options);
    await options.disk.makeDirectory(options.directory);
    const names = [...(await options.disk.list(options.directory))].sort();
    spool.#merge(await readSpoolFiles(options.disk, options.directory, names));
    return spool;
  }

  /** In order of their numbers. */
  get segments(): readonly Segment[] {
    return [...this.#segments.values()];
  }

  /** Bytes on disk. */
  get bytes(): number {
    let bytes = 0;
    for (const segment of this.#segments.values()) {
      bytes += segment.size;
    }
    return bytes;
  }

  /**
   * Begins to keep the positions of a destination and gives what waits for it. One without positions gets everything that is
   * there: its positions may have been lost. One whose positions cannot be read now gets it from `readAgain`.
   */
  async attach(destination: string): Promise<Stretch[]> {
    const { disk, directory } = this.#options;
    const found = this.#found.get(destination);
    const positions = new PositionFile(
      destination,
      directory,
      disk,
      this.#highestGeneration,
      found,
      (name) => this.#unreadable.has(name),
    );
    this.#positions.set(destination, positions);
    if (this.#isPending(destination)) {
      this.#pending.add(destination);
      return [];
    }
    return this.#waitingIn(this.#segments.values(), destination);
  }

  /** Codes of errors by the names of files that cannot be opened or read; they are left alone. */
  get unreadable(): ReadonlyMap<string, string> {
    return this.#unreadable;
  }

  /** Tries these again, and gives what waits in them, by destination. */
  async readAgain(): Promise<ReadonlyMap<string, readonly Stretch[]>> {
    const { disk, directory } = this.#options;
    const files = await readSpoolFiles(disk, directory, [...this.#unreadable.keys()]);
    this.#merge(files);
    const late = new Map<string, readonly Stretch[]>();
    for (const destination of this.#positions.keys()) {
      if (!this.#isPending(destination)) {
        const isAll = this.#pending.delete(destination);
        const segments = isAll ? this.#recovered : files.segments;
        const there = [...segments].filter(({ name }) => this.#segments.has(name));
        late.set(destination, await this.#waitingIn(there, destination));
      }
    }
    return late;
  }

  /** Appends records in order. With a fault, `value` are those that were written before it. */
  async append(records: readonly StoredRecord[]): Promise<SpoolOutcome<Placed[]>> {
    const placed: Placed[] = [];
    try {
      for (const group of this.#groups(records)) {
        const segment = await this.#writable(group[0]?.id);
        placed.push(...(await segment.append(group)));
        this.#nextSequence = segment.last + 1;
        this.#lastId = group.at(-1)?.id;
      }
    } catch (error) {
      await this.#abandonActive();
      return { kind: "fault", code: faultCode(error), value: placed };
    }
    return { kind: "ok", value: placed };
  }

  /**
   * Makes everything that was appended last, and then everything that was settled. With a fault nothing is known of what was
   * appended since, but for what `syncedBytes` of its segment says.
   */
  async sync(): Promise<SpoolOutcome<undefined>> {
    try {
      if (this.#unsyncedDirectory) {
        const unread = [...this.#unreadable.keys()].flatMap((name) => firstOfName(name) ?? []);
        const least = Math.min(this.segments[0]?.first ?? this.#nextSequence, ...unread);
        await this.#options.disk.syncDirectory(this.#options.directory);
        this.#unsyncedDirectory = false;
        this.#goneBelow = least;
      }
      await this.#active?.sync();
    } catch (error) {
      await this.#abandonActive();
      return { kind: "fault", code: faultCode(error), value: undefined };
    }
    // Only now: they may say that a copy does not count, since another is safe.
    return this.#savePositions((positions) => positions.sync());
  }

  /** Segments whose files somebody took away, with their directory if `all`; they are none of the spool's any more. */
  async dropMissing(all = false): Promise<Segment[]> {
    // While a destination answers there is nothing to look for, and each look wakes two threads.
    if (this.#segments.size === 0) {
      return [];
    }
    const { disk, directory } = this.#options;
    const listed = await disk.list(directory).catch(faultCode);
    if (!all && typeof listed === "string" && listed !== "ENOENT") {
      // Nobody knows.
      return [];
    }
    const names = new Set(all || typeof listed === "string" ? [] : listed);
    const missing = [...this.#segments.values()].filter(({ name }) => !names.has(name));
    if (missing.length > 0) {
      await this.#abandonActive();
      for (const positions of this.#positions.values()) {
        await positions.abandonFile();
      }
    }
    for (const { name } of missing) {
      this.#segments.delete(name);
    }
    return missing;
  }

  /** A destination has got or lost these; kept with the next `writePositions`. */
  settle(destination: string, first: number, last: number): void {
    this.#positions.get(destination)?.settle({ first, last });
  }

  /** Writes what was settled; `sync` makes it last. */
  writePositions(): Promise<SpoolOutcome<undefined>> {
    return this.#savePositions(async () => undefined);
  }

  /** True when every destination has settled all of it. */
  isSettled(segment: Segment): boolean {
    const { first, last } = segment;
    return [...this.#positions.values()].every(
      ({ settled }) => settled.gapsIn({ first, last }).length === 0,
    );
  }

  /** Completes the segment that is written to, so that the next record begins another. */
  async rotate(): Promise<SpoolOutcome<undefined>> {
    try {
      await this.#seal();
    } catch (error) {
      await this.#abandonActive();
      return { kind: "fault", code: faultCode(error), value: undefined };
    }
    return { kind: "ok", value: undefined };
  }

  isActive(segment: Segment): boolean {
    return segment === this.#active;
  }

  /**
   * One that cannot be removed stays a segment: as long as it may be found again, its positions are kept. Gives the code of the
   * disk's error then.
   */
  async remove(segment: Segment): Promise<string | undefined> {
    const file = this.#segments.get(segment.name);
    if (segment === this.#active) {
      this.#active = undefined;
    }
    try {
      await file?.remove();
    } catch (error) {
      if (faultCode(error) !== "ENOENT") {
        return faultCode(error);
      }
    }
    this.#segments.delete(segment.name);
    this.#unsyncedDirectory = true;
    return undefined;
  }

  reader(segment: Segment): Promise<SegmentReader> {
    const file = this.#segments.get(segment.name);
    return file === undefined
      ? Promise.reject(new Error(`segment ${segment.name} is gone`))
      : file.reader();
  }

  space(): Promise<DiskSpace> {
    return this.#options.disk.space(this.#options.directory);
  }

  /** Completes what is open. Everything appended must have been synced before. */
  async close(): Promise<void> {
    await this.rotate();
    for (const positions of this.#positions.values()) {
      await positions.abandonFile();
    }
  }

  async #savePositions(
    then: (positions: PositionFile) => Promise<void>,
  ): Promise<SpoolOutcome<undefined>> {
    try {
      for (const positions of this.#positions.values()) {
        if (positions.hasUnwritten) {
          await positions.write(this.#goneBelow);
        }
        await then(positions);
      }
    } catch (error) {
      for (const positions of this.#positions.values()) {
        await positions.abandonFile();
      }
      return { kind: "fault", code: faultCode(error), value: undefined };
    }
    return { kind: "ok", value: undefined };
  }

  #merge(files: SpoolFiles): void {
    this.#unreadable = files.unreadable;
    this.#nextSequence = Math.max(this.#nextSequence, files.nextSequence);
    this.#highestGeneration = Math.max(this.#highestGeneration, files.highestGeneration);
    for (const one of files.positions) {
      const other = this.#found.get(one.destination);
      for (const interval of other?.settled.intervals ?? []) {
        one.settled.add(interval);
      }
      this.#found.set(one.destination, one);
      for (const interval of one.settled.intervals) {
        this.#positions.get(one.destination)?.settle(interval);
      }
    }
    const segments = [...this.#segments.values(), ...files.segments];
    this.#segments.clear();
    for (const segment of segments.toSorted((a, b) => a.first - b.first)) {
      this.#segments.set(segment.name, segment);
    }
    for (const segment of files.segments) {
      this.#recovered.add(segment);
    }
    this.recovery = {
      tornBytes: this.recovery.tornBytes + files.tornBytes,
      damagedRecords: this.recovery.damagedRecords + files.damagedRecords,
      foreign: [...this.recovery.foreign, ...files.foreign],
    };
  }

  /** Part of its positions cannot be read: nobody knows what of earlier lives it has. */
  #isPending(destination: string): boolean {
    const prefix = positionsPrefix(destination);
    return [...this.#unreadable.keys()].some((name) => name.startsWith(prefix));
  }

  async #waitingIn(segments: Iterable<SegmentFile>, destination: string): Promise<Stretch[]> {
    const settled = this.#positions.get(destination)?.settled ?? new IntervalSet();
    const stretches: Stretch[] = [];
    for (const segment of segments) {
      // What cannot be told apart now is all sent: twice is better than never.
      stretches.push(...(await unsettled(segment, settled).catch(() => [segment.whole()])));
    }
    return stretches;
  }

  /** Records that go into one segment in one write. */
  *#groups(records: readonly StoredRecord[]): Generator<StoredRecord[]> {
    let group: StoredRecord[] = [];
    let bytes = this.#active?.size ?? 0;
    for (const record of records) {
      const id = group.at(-1)?.id ?? this.#lastId;
      if (group.length > 0 && bytes >= this.#options.segmentBytes && record.id !== id) {
        yield group;
        group = [];
        bytes = 0;
      }
      group.push(record);
      bytes += recordBytes(record);
    }
    if (group.length > 0) {
      yield group;
    }
  }

  async #writable(id: string | undefined): Promise<SegmentFile> {
    const active = this.#active;
    if (active !== undefined) {
      if (active.size < this.#options.segmentBytes || id === this.#lastId) {
        return active;
      }
      await this.#seal();
    }
    const { disk, directory, nowMs } = this.#options;
    await disk.makeDirectory(directory);
    const segment = await SegmentFile.create(disk, directory, this.#nextSequence, nowMs());
    this.#active = segment;
    this.#segments.set(segment.name, segment);
    this.#unsyncedDirectory = true;
    return segment;
  }

  async #seal(): Promise<void> {
    const active = this.#active;
    if (active !== undefined) {
      await active.seal();
      this.#active = undefined;
    }
  }

  async #abandonActive(): Promise<void> {
    const active = this.#active;
    this.#active = undefined;
    // A number that a torn write may have left on disk is not used again.
    this.#nextSequence += SPARE_NUMBERS;
    await active?.abandon();
    if (active !== undefined && active.amount.records === 0) {
      this.#segments.delete(active.name);
    }
  }
}

async function unsettled(segment: SegmentFile, settled: IntervalSet): Promise<Stretch[]> {
  const { first, last } = segment;
  const gaps = settled.gapsIn({ first, last });
  const [gap] = gaps;
  if (gap === undefined) {
    return [];
  }
  if (gaps.length === 1 && gap.first === first && gap.last === last) {
    return [segment.whole()];
  }
  return segment.stretches((sequence) =>
    gaps.some((one) => one.first <= sequence && sequence <= one.last),
  );
}
