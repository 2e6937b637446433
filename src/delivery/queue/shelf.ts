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
import { isSynced, Keep } from "./keep.ts";

/** A destination's queue as the shelf knows it. */
export interface ShelfUser {
  readonly name: string;
  /** What a previous life left for it. */
  found(category: Category, stretches: readonly Stretch[]): void;
  /** A segment goes: what waits there for it, and is not in memory, is lost. */
  segmentGoes(category: Category, segment: Segment, reason: LossReason, detail: string): void;
}

export interface ShelfParts {
  readonly category: Category;
  readonly settings: QueueSettings;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly users: readonly ShelfUser[];
}

/** Undefined: all is well; else the code of what is wrong with the disk. */
export type ShelfTrouble = string | undefined;

/** Not a fault of the disk: the bounds leave no room, and the policy is not to make any. */
export const QUEUE_IS_FULL = "full";
const SMALLEST_SEGMENT = 64 * 1024;
const LARGEST_SEGMENT = 16 * 1024 * 1024;
/** Segments are what is dropped when the bound is reached: so many at least, so that one is a small part. */
const SEGMENTS = 16;
/** Of records in one append: their encoded form is in memory beside them. */
const APPEND_BYTES = 4 * 1024 * 1024;

/** The bodies of one category that are in memory, and their copies on disk. */
export class Shelf {
  readonly #parts: ShelfParts;
  readonly #keeps = new Map<string, Keep>();
  /** In order of arrival. */
  readonly #unwritten = new Set<Keep>();
  #spool: Spool | undefined;
  #limit: number;

  constructor(parts: ShelfParts) {
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
    let keep = this.#keeps.get(id);
    if (keep === undefined) {
      const names = users.map(({ name }) => name);
      keep = new Keep(id, category, now, names);
      this.#keeps.set(id, keep);
    }
    this.#unwritten.add(keep);
    keep.add(payload, now);
  }

  /** The keep of a body that is complete. */
  close(body: Body): Keep {
    const keep = this.#keeps.get(body.id);
    if (keep === undefined) {
      throw new Error(`body ${body.id} was never begun`);
    }
    keep.close(body);
    if (keep.isWritten) {
      this.#unwritten.delete(keep);
    }
    return keep;
  }

  /** That destination has got or lost it. */
  settle(user: string, keep: Keep): void {
    for (const { first, last } of keep.stretches) {
      this.settleRange(user, first, last);
    }
    this.release(user, keep);
  }

  settleRange(user: string, first: number, last: number): void {
    this.#spool?.settle(user, first, last);
  }

  /** That destination does not have it in memory any more. */
  release(user: string, keep: Keep): void {
    keep.holders.delete(user);
    if (keep.holders.size === 0) {
      this.#keeps.delete(keep.id);
      this.#unwritten.delete(keep);
    }
  }

  reader(segment: Segment): Promise<SegmentReader> {
    return this.#spool?.reader(segment) ?? Promise.reject(new Error("the disk is not open"));
  }

  /** Writes what came until then, makes it last, and lets go of what is not needed or over the bounds. */
  async cycle(untilMs: number): Promise<ShelfTrouble> {
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
  async writePositions(): Promise<ShelfTrouble> {
    const written = await this.#spool?.writePositions();
    return written?.kind === "fault" ? written.code : undefined;
  }

  /** True when it survives what the settings say it has to survive. */
  isSafe(keep: Keep): boolean {
    const lasts = this.#parts.settings.sync === "never" || !keep.hasUnsynced;
    return keep.isWritten && !keep.refused && lasts;
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

  async #write(spool: Spool, untilMs: number): Promise<ShelfTrouble> {
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

  #due(untilMs: number): { readonly keep: Keep; readonly record: StoredRecord }[] {
    const batch: { readonly keep: Keep; readonly record: StoredRecord }[] = [];
    let bytes = 0;
    for (const keep of this.#unwritten) {
      if (keep.refused) {
        continue;
      }
      for (const record of keep.records(untilMs)) {
        batch.push({ keep, record });
        bytes += recordBytes(record);
      }
      if (bytes >= APPEND_BYTES) {
        break;
      }
    }
    return batch;
  }

  #placed(
    batch: readonly { readonly keep: Keep; readonly record: StoredRecord }[],
    placed: readonly Placed[],
  ): void {
    for (const [index, { keep, record }] of batch.entries()) {
      const place = placed[index];
      if (place === undefined) {
        continue;
      }
      keep.written([place], [record]);
      for (const { name } of this.#parts.users) {
        if (!keep.holders.has(name)) {
          this.settleRange(name, place.sequence, place.sequence);
        }
      }
      if (keep.isWritten) {
        this.#unwritten.delete(keep);
      }
    }
  }

  /** What is settled lasts before its segments go: one that a loss of power brings back is known to be settled. */
  async #sync(spool: Spool): Promise<ShelfTrouble> {
    const { sync } = this.#parts.settings;
    const synced = await (sync === "never" ? spool.writePositions() : spool.sync());
    return synced.kind === "fault" ? synced.code : undefined;
  }

  /**
   * Copies of which `lapses` is true do not count any more. What is safe keeps its place: settling it here may not get to a disk
   * that fails, and the next life would find it twice.
   */
  #writeAgain(spool: Spool, lapses: (stretch: Stretch) => boolean): void {
    const again: Keep[] = [];
    for (const keep of this.#keeps.values()) {
      const back = keep.takeBack(lapses);
      for (const { first, last } of back) {
        for (const { name } of this.#parts.users) {
          spool.settle(name, first, last);
        }
      }
      if (back.length > 0) {
        again.push(keep);
      }
    }
    const later = [...this.#unwritten];
    this.#unwritten.clear();
    for (const keep of [...again, ...later]) {
      this.#unwritten.add(keep);
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
    for (const keep of this.#keeps.values()) {
      if (keep.stretches.some((stretch) => stretch.segment === segment)) {
        keep.refused = true;
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
