import type { Clock } from "../../clock.ts";
import type { Category, Payload } from "../../payload.ts";
import type { Disk } from "../../spool/disk.ts";
import type { Segment, Stretch } from "../../spool/segment.ts";
import type { Placed } from "../../spool/segment-file.ts";
import type { SegmentReader } from "../../spool/segment-reader.ts";
import { type Recovery, Spool } from "../../spool/spool.ts";
import { SECOND } from "../../units.ts";
import type { Body } from "../body/body.ts";
import type { QueueSettings } from "../delivery-settings.ts";
import type { LossReason } from "../ledger/loss-reason.ts";
import { DiskBounds } from "./disk-bounds.ts";
import { type DiskTrouble, isOfDisk, LOW_SPACE, QUEUE_IS_FULL } from "./disk-trouble.ts";
import type { StoreUser } from "./store-user.ts";
import { bytesOf, type Due, StoredBodies, wholeBodies } from "./stored-bodies.ts";
import { isSynced, type StoredBody, type WriteRefusal } from "./stored-body.ts";
import { type UnreadableFile, UnreadableFiles } from "./unreadable-files.ts";

export interface CategoryStoreParts {
  readonly category: Category;
  readonly settings: QueueSettings;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly users: readonly StoreUser[];
  /** Told once of each file. */
  unreadable(file: UnreadableFile): void;
}

/** How long a file that cannot be read is left alone, in milliseconds. */
const READ_AGAIN = 30 * SECOND;

/** The bodies of one category that are in memory, and their copies on disk. */
export class CategoryStore {
  readonly #parts: CategoryStoreParts;
  readonly #bodies = new StoredBodies();
  readonly #bounds: DiskBounds;
  readonly #unreadable: UnreadableFiles;
  #readAgainAt = 0;
  #spool: Spool | undefined;

  constructor(parts: CategoryStoreParts) {
    this.#parts = parts;
    this.#bounds = new DiskBounds(parts.settings, parts.clock);
    const directory = `${parts.settings.directory}/${parts.category}`;
    this.#unreadable = new UnreadableFiles(directory, parts.unreadable);
  }

  get isOpen(): boolean {
    return this.#spool !== undefined;
  }

  get diskBytes(): number {
    return this.#spool?.bytes ?? 0;
  }

  /** What `diskBytes` may grow to, by the settings and the room on the disk. */
  get diskLimit(): number {
    return this.#bounds.limit;
  }

  get unreadable(): readonly UnreadableFile[] {
    return this.#unreadable.files;
  }

  /** A segment could be read. */
  read({ name }: Segment): void {
    this.#unreadable.remove(name);
  }

  /** A segment could not be read. */
  unread({ name }: Segment, code: string): void {
    if (code !== "ENOENT") {
      this.#unreadable.add(name, code);
    }
  }

  /** Bodies that only memory holds. */
  get unwrittenBodies(): number {
    return this.#bodies.unwritten;
  }

  async open(): Promise<Recovery> {
    const { category, settings, disk, clock, users } = this.#parts;
    const spool = await Spool.open({
      disk,
      directory: `${settings.directory}/${category}`,
      segmentBytes: this.#bounds.segmentBytes,
      nowMs: () => clock.now(),
    });
    const found: Stretch[][] = [];
    for (const user of users) {
      found.push(await spool.attach(user.name));
    }
    this.#spool = spool;
    this.#readAgainAt = clock.monotonic() + READ_AGAIN;
    this.#unreadable.addAll(spool.unreadable);
    for (const [index, user] of users.entries()) {
      user.found(category, found[index] ?? []);
    }
    return spool.recovery;
  }

  add(id: string, payload: Payload): void {
    const { clock, users } = this.#parts;
    const names = users.map(({ name }) => name);
    this.#bodies.add(id, payload, clock.now(), names);
  }

  /** What is stored of a body that is complete. */
  close(body: Body): StoredBody {
    return this.#bodies.close(body);
  }

  /** That destination has got or lost it. */
  settle(user: string, stored: StoredBody): void {
    for (const { first, last } of stored.stretches) {
      this.settleRange(user, first, last);
    }
    this.release(user, stored);
  }

  settleRange(user: string, first: number, last: number): void {
    this.#spool?.settle(user, first, last);
  }

  /** That destination does not have it in memory any more. */
  release(user: string, stored: StoredBody): void {
    this.#bodies.release(user, stored);
  }

  /** A body that one destination has read from a segment that goes: from now on memory alone holds it. */
  adopt(user: string, body: Body, atMs: number, reason: LossReason): StoredBody {
    const stored = this.#bodies.adopt(user, this.#parts.category, body, atMs);
    stored.refused = refusalFor(reason);
    return stored;
  }

  reader(segment: Segment): Promise<SegmentReader> {
    return this.#spool?.reader(segment) ?? Promise.reject(new Error("the disk is not open"));
  }

  /**
   * Writes what came until then, makes it last, and lets go of what is not needed or over the bounds. `final`: there will be no
   * other chance to write what was refused for want of room to spare.
   */
  async cycle(untilMs: number, final = false): Promise<DiskTrouble> {
    const spool = this.#spool;
    if (spool === undefined) {
      return undefined;
    }
    await this.#noticeMissing(spool);
    await this.#readAgain(spool);
    const writing =
      (await this.#write(spool, untilMs)) ?? (await this.#writeRefused(spool, untilMs, final));
    const trouble = isOfDisk(writing) ? writing : await this.#sync(spool);
    if (trouble !== undefined) {
      this.#takeBack(spool, (stretch) => !isSynced(stretch));
      if (trouble === "ENOSPC") {
        // That it was settled cannot be written: a loss of power may bring it back, to be sent twice.
        await this.#removeSettled(spool);
      }
      return trouble;
    }
    await this.#tidy(spool);
    return writing;
  }

  /** Writes what was settled, so that the end of the process does not undo it; `cycle` makes it last. */
  async writePositions(): Promise<DiskTrouble> {
    const written = await this.#spool?.writePositions();
    return written?.kind === "fault" ? written.code : undefined;
  }

  /** True when it survives what the settings say it has to survive. */
  isSafe(stored: StoredBody): boolean {
    const lasts = this.#parts.settings.sync === "never" || !stored.hasUnsynced;
    return stored.isWritten && lasts;
  }

  /** The directory was taken away: nothing that is there now is ours. */
  async forsake(): Promise<void> {
    if (this.#spool !== undefined) {
      await this.#dropMissing(this.#spool, true);
    }
  }

  async shut(): Promise<void> {
    await this.#spool?.close();
  }

  async #noticeMissing(spool: Spool): Promise<void> {
    if (
      this.#bodies.unwritten === 0 &&
      spool.segments.every((segment) => spool.isSettled(segment))
    ) {
      // Nothing would be missed, and nothing is written where it may be gone.
      return;
    }
    await this.#dropMissing(spool, false);
  }

  async #dropMissing(spool: Spool, all: boolean): Promise<void> {
    const missing = new Set(await spool.dropMissing(all));
    for (const segment of missing) {
      this.#goes(segment, "disk_lost", "its file was taken away");
    }
    if (missing.size > 0) {
      this.#takeBack(spool, ({ segment }) => missing.has(segment));
    }
  }

  /** What could not be read at the start may be readable now. */
  async #readAgain(spool: Spool): Promise<void> {
    const { category, clock, users } = this.#parts;
    if (spool.unreadable.size === 0 || clock.monotonic() < this.#readAgainAt) {
      return;
    }
    this.#readAgainAt = clock.monotonic() + READ_AGAIN;
    for (const name of spool.unreadable.keys()) {
      this.#unreadable.remove(name);
    }
    const late = await spool.readAgain();
    for (const user of users) {
      user.found(category, late.get(user.name) ?? []);
    }
    this.#unreadable.addAll(spool.unreadable);
  }

  async #write(spool: Spool, untilMs: number): Promise<DiskTrouble> {
    for (;;) {
      const batch = this.#bodies.due(untilMs, undefined);
      if (batch.length === 0) {
        return undefined;
      }
      const trouble =
        (await this.#makeRoom(spool, bytesOf(batch))) ?? (await this.#append(spool, batch));
      if (trouble !== undefined) {
        return trouble;
      }
    }
  }

  /** Nothing goes for what was refused before: it is written where there is room for more than it, or at the end, for just it. */
  async #writeRefused(spool: Spool, untilMs: number, final: boolean): Promise<DiskTrouble> {
    for (;;) {
      const due = this.#bodies.due(untilMs, "room");
      if (due.length === 0) {
        return undefined;
      }
      await this.#bounds.measure(spool);
      const spare = final ? 0 : 2 * this.#bounds.segmentBytes;
      const batch = wholeBodies(due, this.#bounds.limit - spool.bytes - spare);
      if (batch.length === 0) {
        return undefined;
      }
      for (const { stored } of batch) {
        stored.refused = undefined;
      }
      const trouble = await this.#append(spool, batch);
      if (trouble !== undefined) {
        return trouble;
      }
    }
  }

  async #append(spool: Spool, batch: readonly Due[]): Promise<DiskTrouble> {
    const outcome = await spool.append(batch.map(({ record }) => record));
    const placed = batch.slice(0, outcome.value.length);
    this.#bounds.written(bytesOf(placed));
    this.#placed(placed, outcome.value);
    return outcome.kind === "fault" ? outcome.code : undefined;
  }

  #placed(batch: readonly Due[], placed: readonly Placed[]): void {
    for (const [index, { stored, record }] of batch.entries()) {
      const place = placed[index];
      if (place === undefined) {
        continue;
      }
      stored.written([place], [record]);
      for (const { name } of this.#parts.users) {
        if (!stored.holders.has(name)) {
          this.settleRange(name, place.sequence, place.sequence);
        }
      }
      this.#bodies.settleWritten(stored);
    }
  }

  /** What is settled lasts before its segments go: one that a loss of power brings back is known to be settled. */
  async #sync(spool: Spool): Promise<DiskTrouble> {
    const { sync } = this.#parts.settings;
    const synced = await (sync === "never" ? spool.writePositions() : spool.sync());
    return synced.kind === "fault" ? synced.code : undefined;
  }

  /**
   * Copies of which `lapses` is true do not count any more: gives the bodies that memory alone holds from now on. What is safe keeps its place: settling it here may not get to a disk
   * that fails, and the next life would find it twice.
   */
  #takeBack(spool: Spool, lapses: (stretch: Stretch) => boolean): readonly StoredBody[] {
    const again = this.#bodies.takeBack(lapses);
    for (const { first, last } of again.flatMap(({ back }) => back)) {
      for (const { name } of this.#parts.users) {
        spool.settle(name, first, last);
      }
    }
    return again.map(({ stored }) => stored);
  }

  async #removeSettled(spool: Spool): Promise<void> {
    for (const segment of spool.segments) {
      if (!spool.isActive(segment) && spool.isSettled(segment)) {
        await spool.remove(segment);
      }
    }
  }

  async #tidy(spool: Spool): Promise<void> {
    const { clock, settings } = this.#parts;
    await this.#removeSettled(spool);
    const oldest = clock.now() - settings.maxAgeMs;
    for (const segment of spool.segments) {
      if (!spool.isActive(segment) && segment.newestMs < oldest) {
        await this.#drop(spool, segment, "expired", "older than the queue keeps");
      }
    }
  }

  /** Undefined: so many bytes more are within the bounds. Room is made by policy within the queue's own bound. */
  async #makeRoom(spool: Spool, bytes: number): Promise<DiskTrouble> {
    const { category, settings, users } = this.#parts;
    await this.#bounds.measure(spool);
    const excess = spool.bytes + bytes - this.#bounds.limit;
    if (excess <= 0) {
      return undefined;
    }
    const isOverOwnBound = spool.bytes + bytes > settings.maxBytes;
    if (settings.overflow[category] === "drop_newest") {
      return isOverOwnBound ? QUEUE_IS_FULL : LOW_SPACE;
    }
    if (isOverOwnBound) {
      return this.#dropOldest(spool, excess, "the disk queue is full");
    }
    if (this.#bounds.givesWay()) {
      await this.#dropOldest(spool, 1, "the disk is nearly full");
      return LOW_SPACE;
    }
    // What is there is worth as much as what comes, as long as memory has room for that.
    if (!users.some((user) => user.needsRoom)) {
      return LOW_SPACE;
    }
    const before = spool.bytes;
    const trouble = await this.#dropOldest(spool, excess, "the disk has no room for more");
    this.#bounds.exchanged(before - spool.bytes);
    return trouble;
  }

  async #dropOldest(spool: Spool, bytes: number, detail: string): Promise<DiskTrouble> {
    let excess = bytes;
    for (const segment of spool.segments) {
      if (excess <= 0) {
        break;
      }
      if (spool.isActive(segment)) {
        await spool.rotate();
      }
      excess -= segment.size;
      const fault = await this.#drop(spool, segment, "queue_full", detail);
      if (fault !== undefined) {
        // It takes its room still: dropping others would not help.
        return fault;
      }
    }
    return excess <= 0 ? undefined : QUEUE_IS_FULL;
  }

  async #drop(
    spool: Spool,
    segment: Segment,
    reason: LossReason,
    detail: string,
  ): Promise<DiskTrouble> {
    this.#goes(segment, reason, detail);
    const back = this.#takeBack(spool, (stretch) => stretch.segment === segment);
    for (const stored of back) {
      stored.refused = refusalFor(reason);
    }
    for (const { name } of this.#parts.users) {
      spool.settle(name, segment.first, segment.last);
    }
    return spool.remove(segment);
  }

  #goes(segment: Segment, reason: LossReason, detail: string): void {
    this.read(segment);
    for (const user of this.#parts.users) {
      user.segmentGoes(this.#parts.category, segment, reason, detail);
    }
  }
}

function refusalFor(reason: LossReason): WriteRefusal | undefined {
  return reason === "queue_full" ? "room" : reason === "expired" ? "expired" : undefined;
}
