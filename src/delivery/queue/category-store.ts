import type { Clock } from "../../clock.ts";
import type { Category, Payload } from "../../payload.ts";
import type { Disk } from "../../spool/disk.ts";
import type { Segment, Stretch } from "../../spool/segment.ts";
import type { Placed } from "../../spool/segment-file.ts";
import { recordBytes, type StoredRecord } from "../../spool/segment-format.ts";
import type { SegmentReader } from "../../spool/segment-reader.ts";
import { type Recovery, Spool } from "../../spool/spool.ts";
import type { Body } from "../body/body.ts";
import type { QueueSettings } from "../delivery-settings.ts";
import type { LossReason } from "../ledger/loss-reason.ts";
import { isSynced, StoredBody } from "./stored-body.ts";

/** A destination's queue as the store knows it. */
export interface StoreUser {
  readonly name: string;
  /** What a previous life left for it. */
  found(category: Category, stretches: readonly Stretch[]): void;
  /** A segment goes: what waits there for it, and is not in memory, is lost. */
  segmentGoes(category: Category, segment: Segment, reason: LossReason, detail: string): void;
}

export interface CategoryStoreParts {
  readonly category: Category;
  readonly settings: QueueSettings;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly users: readonly StoreUser[];
}

/** Undefined: all is well; else the code of what is wrong with the disk. */
export type DiskTrouble = string | undefined;

/** Not a fault of the disk: the bounds leave no room, and the policy is not to make any. */
export const QUEUE_IS_FULL = "full";
const SMALLEST_SEGMENT = 64 * 1024;
const LARGEST_SEGMENT = 16 * 1024 * 1024;
/** Segments are what is dropped when the bound is reached: so many at least, so that one is a small part. */
const SEGMENTS = 16;
/** Of records in one append: their encoded form is in memory beside them. */
const APPEND_BYTES = 4 * 1024 * 1024;

/** The bodies of one category that are in memory, and their copies on disk. */
export class CategoryStore {
  readonly #parts: CategoryStoreParts;
  readonly #bodies = new Map<string, StoredBody>();
  /** In order of arrival. */
  readonly #unwritten = new Set<StoredBody>();
  #spool: Spool | undefined;
  #limit: number;

  constructor(parts: CategoryStoreParts) {
    this.#parts = parts;
    this.#limit = parts.settings.maxBytes;
  }

  get isOpen(): boolean {
    return this.#spool !== undefined;
  }

  get diskBytes(): number {
    return this.#spool?.bytes ?? 0;
  }

  /** What `diskBytes` may grow to, by the settings and the room on the disk. */
  get diskLimit(): number {
    return this.#limit;
  }

  /** Bodies that only memory holds. */
  get unwrittenBodies(): number {
    return this.#unwritten.size;
  }

  async open(): Promise<Recovery> {
    const { category, settings, disk, clock, users } = this.#parts;
    const segmentBytes = Math.floor(settings.maxBytes / SEGMENTS);
    const spool = await Spool.open({
      disk,
      directory: `${settings.directory}/${category}`,
      segmentBytes: Math.min(LARGEST_SEGMENT, Math.max(SMALLEST_SEGMENT, segmentBytes)),
      nowMs: () => clock.now(),
    });
    const found: Stretch[][] = [];
    for (const user of users) {
      found.push(await spool.attach(user.name));
    }
    this.#spool = spool;
    for (const [index, user] of users.entries()) {
      user.found(category, found[index] ?? []);
    }
    return spool.recovery;
  }

  add(id: string, payload: Payload): void {
    const { category, clock, users } = this.#parts;
    const now = clock.now();
    let stored = this.#bodies.get(id);
    if (stored === undefined) {
      const names = users.map(({ name }) => name);
      stored = new StoredBody(id, category, now, names);
      this.#bodies.set(id, stored);
    }
    this.#unwritten.add(stored);
    stored.add(payload, now);
  }

  /** What is stored of a body that is complete. */
  close(body: Body): StoredBody {
    const stored = this.#bodies.get(body.id);
    if (stored === undefined) {
      throw new Error(`body ${body.id} was never begun`);
    }
    stored.close(body);
    if (stored.isWritten) {
      this.#unwritten.delete(stored);
    }
    return stored;
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
    stored.holders.delete(user);
    if (stored.holders.size === 0) {
      this.#bodies.delete(stored.id);
      this.#unwritten.delete(stored);
    }
  }

  reader(segment: Segment): Promise<SegmentReader> {
    return this.#spool?.reader(segment) ?? Promise.reject(new Error("the disk is not open"));
  }

  /** Writes what came until then, makes it last, and lets go of what is not needed or over the bounds. */
  async cycle(untilMs: number): Promise<DiskTrouble> {
    const spool = this.#spool;
    if (spool === undefined) {
      return undefined;
    }
    await this.#noticeMissing(spool);
    const writing = await this.#write(spool, untilMs);
    const full = writing === QUEUE_IS_FULL;
    const trouble = writing !== undefined && !full ? writing : await this.#sync(spool);
    if (trouble !== undefined) {
      this.#writeAgain(spool, (stretch) => !isSynced(stretch));
      return trouble;
    }
    await this.#tidy(spool);
    return full ? writing : undefined;
  }

  /** Writes what was settled, so that the end of the process does not undo it; `cycle` makes it last. */
  async writePositions(): Promise<DiskTrouble> {
    const written = await this.#spool?.writePositions();
    return written?.kind === "fault" ? written.code : undefined;
  }

  /** True when it survives what the settings say it has to survive. */
  isSafe(stored: StoredBody): boolean {
    const lasts = this.#parts.settings.sync === "never" || !stored.hasUnsynced;
    return stored.isWritten && !stored.refused && lasts;
  }

  async shut(): Promise<void> {
    await this.#spool?.close();
  }

  async #noticeMissing(spool: Spool): Promise<void> {
    if (this.#unwritten.size === 0 && spool.segments.every((segment) => spool.isSettled(segment))) {
      // Nothing would be missed, and nothing is written where it may be gone.
      return;
    }
    const missing = new Set(await spool.dropMissing());
    for (const segment of missing) {
      this.#goes(segment, "disk_lost", "its file was taken away");
    }
    if (missing.size > 0) {
      this.#writeAgain(spool, ({ segment }) => missing.has(segment));
    }
  }

  async #write(spool: Spool, untilMs: number): Promise<DiskTrouble> {
    for (;;) {
      const batch = this.#due(untilMs);
      if (batch.length === 0) {
        return undefined;
      }
      const bytes = batch.reduce((all, { record }) => all + recordBytes(record), 0);
      if (!(await this.#makeRoom(spool, bytes))) {
        return QUEUE_IS_FULL;
      }
      const outcome = await spool.append(batch.map(({ record }) => record));
      this.#placed(batch.slice(0, outcome.value.length), outcome.value);
      if (outcome.kind === "fault") {
        return outcome.code;
      }
    }
  }

  #due(untilMs: number): { readonly stored: StoredBody; readonly record: StoredRecord }[] {
    const batch: { readonly stored: StoredBody; readonly record: StoredRecord }[] = [];
    let bytes = 0;
    for (const stored of this.#unwritten) {
      if (stored.refused) {
        continue;
      }
      for (const record of stored.records(untilMs)) {
        batch.push({ stored, record });
        bytes += recordBytes(record);
      }
      if (bytes >= APPEND_BYTES) {
        break;
      }
    }
    return batch;
  }

  #placed(
    batch: readonly { readonly stored: StoredBody; readonly record: StoredRecord }[],
    placed: readonly Placed[],
  ): void {
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
      if (stored.isWritten) {
        this.#unwritten.delete(stored);
      }
    }
  }

  /** What is settled lasts before its segments go: one that a loss of power brings back is known to be settled. */
  async #sync(spool: Spool): Promise<DiskTrouble> {
    const { sync } = this.#parts.settings;
    const synced = await (sync === "never" ? spool.writePositions() : spool.sync());
    return synced.kind === "fault" ? synced.code : undefined;
  }

  /**
   * Copies of which `lapses` is true do not count any more. What is safe keeps its place: settling it here may not get to a disk
   * that fails, and the next life would find it twice.
   */
  #writeAgain(spool: Spool, lapses: (stretch: Stretch) => boolean): void {
    const again: StoredBody[] = [];
    for (const stored of this.#bodies.values()) {
      const back = stored.takeBack(lapses);
      for (const { first, last } of back) {
        for (const { name } of this.#parts.users) {
          spool.settle(name, first, last);
        }
      }
      if (back.length > 0) {
        again.push(stored);
      }
    }
    const later = [...this.#unwritten];
    this.#unwritten.clear();
    for (const stored of [...again, ...later]) {
      this.#unwritten.add(stored);
    }
  }

  async #tidy(spool: Spool): Promise<void> {
    const { clock, settings } = this.#parts;
    const oldest = clock.now() - settings.maxAgeMs;
    for (const segment of spool.segments) {
      if (spool.isActive(segment)) {
        continue;
      }
      if (spool.isSettled(segment)) {
        await spool.remove(segment);
      } else if (segment.newestMs < oldest) {
        await this.#drop(spool, segment, "expired", "older than the queue keeps");
      }
    }
  }

  /** False: it would not be within the bounds. */
  async #makeRoom(spool: Spool, bytes: number): Promise<boolean> {
    const { category, settings } = this.#parts;
    const { free, total } = await spool.space().catch(() => ({ free: 0, total: 0 }));
    const mayGrow = Math.max(0, free - total * settings.minFreeRatio);
    this.#limit = Math.min(settings.maxBytes, spool.bytes + mayGrow);
    if (spool.bytes + bytes <= this.#limit) {
      return true;
    }
    if (settings.overflow[category] === "drop_newest") {
      return false;
    }
    // What goes makes room within both bounds.
    let excess = spool.bytes + bytes - this.#limit;
    for (const segment of spool.segments) {
      if (excess <= 0) {
        break;
      }
      if (spool.isActive(segment)) {
        await spool.rotate();
      }
      excess -= segment.size;
      await this.#drop(spool, segment, "queue_full", "the disk queue is full");
    }
    return excess <= 0;
  }

  async #drop(spool: Spool, segment: Segment, reason: LossReason, detail: string): Promise<void> {
    this.#goes(segment, reason, detail);
    for (const stored of this.#bodies.values()) {
      if (stored.stretches.some((stretch) => stretch.segment === segment)) {
        stored.refused = true;
      }
    }
    for (const { name } of this.#parts.users) {
      spool.settle(name, segment.first, segment.last);
    }
    await spool.remove(segment);
  }

  #goes(segment: Segment, reason: LossReason, detail: string): void {
    for (const user of this.#parts.users) {
      user.segmentGoes(this.#parts.category, segment, reason, detail);
    }
  }
}
