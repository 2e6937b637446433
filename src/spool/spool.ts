import { type Disk, type DiskSpace, faultCode } from "./disk.ts";
import type { IntervalSet } from "./interval-set.ts";
import {
  decodePositions,
  type FoundPositions,
  generationOfName,
  PositionFile,
} from "./position-file.ts";
import type { Segment, Stretch } from "./segment.ts";
import { type Placed, SegmentFile } from "./segment-file.ts";
import { firstOfName, recordBytes, type StoredRecord } from "./segment-format.ts";
import type { SegmentReader } from "./segment-reader.ts";

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

/** Numbers that are left out after a segment whose end is not known. */
const SPARE_NUMBERS = 2 ** 24;

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
  recovery: Recovery = { tornBytes: 0, damagedRecords: 0, foreign: [] };

  private constructor(options: SpoolOptions) {
    this.#options = options;
  }

  /** Opens and recovers. Rejects with an error of the disk, or with code `EVERSION` where positions are of another version. */
  static async open(options: SpoolOptions): Promise<Spool> {
    const spool = new Spool(options);
    await options.disk.makeDirectory(options.directory);
    const names = [...(await options.disk.list(options.directory))].sort();
    await spool.#readPositions(names);
    await spool.#readSegments(names);
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

  /** Names of the destinations of which positions were found. */
  get knownDestinations(): readonly string[] {
    return [...this.#found.keys()];
  }

  /**
   * Begins to keep the positions of a destination and gives what waits for it. One without positions gets everything that is
   * there: its positions may have been lost.
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
    );
    this.#positions.set(destination, positions);
    const stretches: Stretch[] = [];
    for (const segment of this.#segments.values()) {
      stretches.push(...(await unsettled(segment, positions.settled)));
    }
    return stretches;
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
        const least = this.segments[0]?.first ?? this.#nextSequence;
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

  /** Segments whose files somebody took away; they are none of the spool's any more. */
  async dropMissing(): Promise<Segment[]> {
    // While a destination answers there is nothing to look for, and each look wakes two threads.
    if (this.#segments.size === 0) {
      return [];
    }
    const { disk, directory } = this.#options;
    const names = new Set(await disk.list(directory).catch(() => []));
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

  async #readPositions(names: readonly string[]): Promise<void> {
    const { disk, directory } = this.#options;
    for (const name of names) {
      const generation = generationOfName(name);
      if (generation === undefined) {
        continue;
      }
      this.#highestGeneration = Math.max(this.#highestGeneration, generation);
      const file = await disk.open(`${directory}/${name}`);
      const bytes = await file.read(0, await file.size()).finally(() => file.close());
      const found = decodePositions(bytes, generation);
      if (found === "foreign") {
        throw Object.assign(new Error(`${name} is of another version`), { code: "EVERSION" });
      }
      if (found === "broken") {
        this.#leaveAlone(name);
        continue;
      }
      this.#nextSequence = Math.max(this.#nextSequence, found.settled.last + 1);
      const other = this.#found.get(found.destination);
      for (const interval of other?.settled.intervals ?? []) {
        found.settled.add(interval);
      }
      this.#found.set(found.destination, found);
    }
  }

  async #readSegments(names: readonly string[]): Promise<void> {
    const { disk, directory } = this.#options;
    for (const name of names) {
      const first = firstOfName(name);
      if (first === undefined) {
        continue;
      }
      this.#nextSequence = Math.max(this.#nextSequence, first + 1);
      const found = await SegmentFile.recover(disk, directory, name);
      switch (found.kind) {
        case "foreign":
        case "unreadable":
          this.#leaveAlone(name);
          this.#nextSequence = Math.max(this.#nextSequence, first + SPARE_NUMBERS);
          break;
        case "empty":
          await disk.remove(`${directory}/${name}`).catch(() => undefined);
          break;
        case "segment":
          this.#segments.set(name, found.segment);
          this.#nextSequence = Math.max(this.#nextSequence, found.segment.last + 1);
          this.recovery = {
            ...this.recovery,
            tornBytes: this.recovery.tornBytes + found.tornBytes,
            damagedRecords: this.recovery.damagedRecords + found.damagedRecords,
          };
          break;
      }
    }
  }

  #leaveAlone(name: string): void {
    this.recovery = { ...this.recovery, foreign: [...this.recovery.foreign, name] };
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
