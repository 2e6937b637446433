import type { Clock } from "../../clock.ts";
import type { Spool } from "../../spool/spool.ts";
import { SECOND } from "../../units.ts";
import type { QueueSettings } from "../delivery-settings.ts";

/** Of `minFreeRatio`: with less than this part of it free, the queue gives way to the rest of the node. */
const LAST_RESERVE = 1 / 3;
/** Then one segment goes each time this has passed: whoever fills the disk for a moment does not empty the queue. */
const GIVE_WAY_EVERY = 10 * SECOND;
const SMALLEST_SEGMENT = 64 * 1024;
const LARGEST_SEGMENT = 16 * 1024 * 1024;
/** Segments are what is dropped when the bound is reached: so many at least, so that one is a small part. */
const SEGMENTS = 16;

/** What a category may take on disk: its own bound, and what others leave free. */
export class DiskBounds {
  readonly segmentBytes: number;
  readonly #settings: QueueSettings;
  readonly #clock: Clock;
  #limit: number;
  #isLow = false;
  #isLast = false;
  /** Bytes that were dropped while the disk was short of room: so much may be written again. */
  #exchanged = 0;
  #givesWayAt = 0;

  constructor(settings: QueueSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#limit = settings.maxBytes;
    const part = Math.floor(settings.maxBytes / SEGMENTS);
    this.segmentBytes = Math.min(LARGEST_SEGMENT, Math.max(SMALLEST_SEGMENT, part));
  }

  /** Bytes it may have, as last measured. */
  get limit(): number {
    return this.#limit;
  }

  /** Asks the disk. One that does not say what is free is trusted until it refuses. */
  async measure(spool: Spool): Promise<void> {
    const { maxBytes, minFreeRatio } = this.#settings;
    const space = await spool.space().catch(() => undefined);
    const keptFree = (space?.total ?? 0) * minFreeRatio;
    const free = space?.free ?? Number.POSITIVE_INFINITY;
    const spare = free - keptFree;
    this.#isLow = spare <= 0;
    this.#isLast = free < keptFree * LAST_RESERVE;
    if (!this.#isLow) {
      this.#exchanged = 0;
    }
    this.#limit = Math.min(maxBytes, spool.bytes + Math.max(0, spare) + this.#exchanged);
  }

  written(bytes: number): void {
    this.#exchanged = Math.max(0, this.#exchanged - bytes);
  }

  /** Dropped so that something else can be written in its place. */
  exchanged(bytes: number): void {
    this.#exchanged += this.#isLow ? bytes : 0;
  }

  /** True when the node is about to run out of disk, and a segment has to go. */
  givesWay(): boolean {
    const now = this.#clock.monotonic();
    if (!this.#isLast || now < this.#givesWayAt) {
      return false;
    }
    this.#givesWayAt = now + GIVE_WAY_EVERY;
    return true;
  }
}
