import type { Clock } from "../../clock.ts";
import type { Category } from "../../payload.ts";
import { faultCode } from "../../spool/disk.ts";
import type { Segment, Stretch } from "../../spool/segment.ts";
import { type Amount, added, EMPTY } from "../../spool/segment-format.ts";
import { minus, NOTHING, plus, type Tally } from "../../tally.ts";
import { Bell } from "../bell.ts";
import { type Body, heldBytes } from "../body/body.ts";
import type { BodyQueue } from "../body/body-queue.ts";
import type { MemoryMeter } from "../body/memory-meter.ts";
import type { OverflowPolicy, QueueSettings } from "../delivery-settings.ts";
import type { LossReason } from "../ledger/loss-reason.ts";
import { Backlog, type FromDisk } from "./backlog.ts";
import type { CategoryStore } from "./category-store.ts";
import { RateLimit } from "./rate-limit.ts";
import type { StoreUser } from "./store-user.ts";
import { StoredBody } from "./stored-body.ts";

export interface DiskQueueParts {
  readonly name: string;
  readonly settings: QueueSettings;
  /** Bytes of memory. */
  readonly bound: number;
  readonly policy: OverflowPolicy;
  readonly meter: MemoryMeter;
  readonly clock: Clock;
  store(category: Category): CategoryStore;
  storedOf(body: Body): StoredBody;
  /** True while what waits goes to disk. */
  lasts(): boolean;
  /** There is something to take that was not there before. */
  changed(): void;
  /** Something is settled of which there is a copy on disk. */
  settled(): void;
  recovered(category: Category, tally: Tally): void;
  lost(category: Category, reason: LossReason, tally: Tally, detail: string): void;
}

const CATEGORIES = ["metric", "logging"] as const;
/** After an error of the disk while reading, in milliseconds. */
const READ_AGAIN = 1000;

/**
 * What waits for one destination: in memory as much as the bound allows, on disk the rest, which is read ahead by one body. What
 * leaves memory for want of room and is safe on disk is not lost: it is in the backlog from then on.
 */
export class DiskQueue implements BodyQueue, StoreUser {
  readonly name: string;
  readonly #parts: DiskQueueParts;
  readonly #rate: RateLimit;
  readonly #bell = new Bell();
  /** Not taken, in order of arrival. */
  readonly #memory = new Set<StoredBody>();
  readonly #inMemory: Record<Category, Tally> = { metric: NOTHING, logging: NOTHING };
  readonly #taken = new Map<Body, StoredBody | Loaded>();
  readonly #backlogs: Record<Category, Backlog>;
  #loaded: Loaded | undefined;
  /** The rate lets it. */
  #mayGo = false;
  #turn: Category = "logging";
  #held = 0;
  #resting = false;

  constructor(parts: DiskQueueParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#rate = new RateLimit(parts.clock, parts.settings.drainBytesPerSecond);
    const backlog = (category: Category) =>
      new Backlog(category, (segment) => parts.store(category).reader(segment));
    this.#backlogs = { metric: backlog("metric"), logging: backlog("logging") };
  }

  get waiting(): Readonly<Record<Category, Tally>> {
    return { metric: this.#waitingOf("metric"), logging: this.#waitingOf("logging") };
  }

  get waitingBodies(): number {
    return this.#memory.size + (this.#resting ? 0 : this.#onDisk);
  }

  get lasts(): boolean {
    return this.#parts.lasts();
  }

  get needsRoom(): boolean {
    return !this.hasRoom(this.#parts.bound / 2);
  }

  get heldBytes(): number {
    return this.#held;
  }

  /** Of what waits, the part that only the disk holds. */
  onDisk(category: Category): Tally {
    const loaded = this.#loaded?.body.category === category ? this.#loaded.body.tally : NOTHING;
    return plus(tallyOf(this.#backlogs[category].amount), loaded);
  }

  push(body: Body): readonly Body[] {
    const stored = this.#parts.storedOf(body);
    const size = heldBytes(body);
    const lost = this.makeRoom(size);
    if (this.#held + size > this.#parts.bound) {
      this.#parts.store(body.category).settle(this.name, stored);
      return [...lost, body];
    }
    this.#memory.add(stored);
    this.#inMemory[body.category] = plus(this.#inMemory[body.category], body.tally);
    this.#hold(body);
    return lost;
  }

  take(): Body | undefined {
    const loadedFirst = !this.#parts.settings.freshFirst;
    if (loadedFirst && !this.#resting && this.#onDisk > 0) {
      return this.#takeLoaded();
    }
    return this.#takeFresh() ?? this.#takeLoaded();
  }

  settle(body: Body): void {
    const from = this.#taken.get(body);
    if (from === undefined) {
      throw new Error(`body ${body.id} is settled but was not taken`);
    }
    this.#taken.delete(body);
    this.#letGo(body);
    const store = this.#parts.store(body.category);
    if (from instanceof StoredBody) {
      this.#settleStored(from);
    } else {
      store.settleRange(this.name, from.first, from.last);
      this.#parts.settled();
    }
  }

  makeRoom(bytes: number): readonly Body[] {
    const { bound, policy } = this.#parts;
    const lost: Body[] = [];
    if (this.#held + bytes > bound) {
      this.#moveOut(bytes);
    }
    while (policy === "drop_oldest" && bytes <= bound && this.#held + bytes > bound) {
      const [oldest] = this.#memory;
      if (oldest?.body === undefined) {
        break;
      }
      this.#forget(oldest, oldest.body);
      this.#settleStored(oldest);
      lost.push(oldest.body);
    }
    return lost;
  }

  hasRoom(bytes: number): boolean {
    let excess = this.#held + bytes - this.#parts.bound;
    for (const stored of this.#memory) {
      if (excess <= 0) {
        break;
      }
      excess -= stored.body !== undefined && this.#isSafe(stored) ? heldBytes(stored.body) : 0;
    }
    return excess <= 0;
  }

  rest(): void {
    this.#resting = true;
    this.#bell.ring();
  }

  leave(): ReadonlySet<Body> {
    const left = new Set<Body>();
    for (const stored of this.#memory) {
      if (stored.body !== undefined && !this.#isSafe(stored)) {
        left.add(stored.body);
        this.#forget(stored, stored.body);
      }
    }
    for (const [body, from] of this.#taken) {
      if (from instanceof StoredBody && !this.#isSafe(from)) {
        left.add(body);
        this.#taken.delete(body);
        this.#letGo(body);
      }
    }
    return left;
  }

  found(category: Category, stretches: readonly Stretch[]): void {
    for (const stretch of stretches) {
      this.#backlogs[category].push(stretch);
    }
    const amount = stretches.reduce((all, one) => added(all, one.amount), EMPTY);
    this.#parts.recovered(category, tallyOf(amount));
    this.#bell.ring();
  }

  segmentGoes(category: Category, segment: Segment, reason: LossReason, detail: string): void {
    this.#lose(category, reason, this.#backlogs[category].drop(segment), detail);
    const store = this.#parts.store(category);
    for (const [body, from] of this.#taken) {
      if (!(from instanceof StoredBody) && from.segment === segment) {
        this.#taken.set(body, store.adopt(this.name, body, from.atMs, reason));
      }
    }
    if (this.#loaded?.segment === segment) {
      const { body, atMs } = this.#loaded;
      this.#loaded = undefined;
      const rest = [...this.#memory];
      this.#memory.clear();
      for (const stored of [store.adopt(this.name, body, atMs, reason), ...rest]) {
        this.#memory.add(stored);
      }
      this.#inMemory[category] = plus(this.#inMemory[category], body.tally);
      this.#bell.ring();
    }
  }

  /** Reads ahead what waits on disk, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const ring = () => this.#bell.ring();
    signal.addEventListener("abort", ring);
    while (!signal.aborted) {
      this.#bell.reset();
      const found = this.#loaded === undefined && !this.#resting ? await this.#load(signal) : false;
      if (!found) {
        await this.#bell.wait();
      }
    }
    signal.removeEventListener("abort", ring);
    for (const category of CATEGORIES) {
      await this.#backlogs[category].close();
    }
  }

  get #onDisk(): number {
    const loaded = this.#loaded === undefined ? 0 : 1;
    // A stretch of which nothing is known still has to be read.
    return CATEGORIES.reduce(
      (all, category) =>
        all + (this.#backlogs[category].isEmpty ? 0 : 1) + this.#backlogs[category].amount.records,
      loaded,
    );
  }

  #waitingOf(category: Category): Tally {
    return plus(this.#inMemory[category], this.onDisk(category));
  }

  #takeFresh(): Body | undefined {
    for (const stored of this.#memory) {
      const { body } = stored;
      if (body === undefined) {
        continue;
      }
      this.#memory.delete(stored);
      this.#inMemory[body.category] = minus(this.#inMemory[body.category], body.tally);
      if (!this.#isExpired(stored.atMs)) {
        this.#taken.set(body, stored);
        return body;
      }
      this.#letGo(body);
      this.#settleStored(stored);
      this.#parts.lost(body.category, "expired", body.tally, "older than the queue keeps");
    }
    return undefined;
  }

  #takeLoaded(): Body | undefined {
    const loaded = this.#loaded;
    if (loaded === undefined || !this.#mayGo || this.#resting) {
      return undefined;
    }
    this.#loaded = undefined;
    this.#mayGo = false;
    this.#taken.set(loaded.body, loaded);
    this.#bell.ring();
    return loaded.body;
  }

  /** Out of memory with the oldest that are safe on disk, until there is room. */
  #moveOut(bytes: number): void {
    for (const stored of this.#memory) {
      if (this.#held + bytes <= this.#parts.bound) {
        break;
      }
      const { body } = stored;
      if (body !== undefined && this.#isSafe(stored)) {
        this.#forget(stored, body);
        for (const stretch of stored.stretches) {
          this.#backlogs[stored.category].push(stretch);
        }
        this.#parts.store(stored.category).release(this.name, stored);
        this.#bell.ring();
      }
    }
  }

  /** True when there was something to read, or when it is worth trying again. */
  async #load(signal: AbortSignal): Promise<boolean> {
    const category = this.#nextCategory();
    if (category === undefined) {
      return false;
    }
    this.#turn = category;
    try {
      await this.#backlogs[category].next((found) => this.#given(category, found));
    } catch (error) {
      // Files that are gone are noticed by the store; anything else may pass.
      const segment = this.#backlogs[category].postpone();
      if (segment !== undefined) {
        this.#parts.store(category).unread(segment, faultCode(error));
      }
      await this.#backlogs[category].close();
      await this.#parts.clock.sleep(READ_AGAIN, signal);
      return true;
    }
    if (this.#loaded !== undefined) {
      await this.#rate.pass(this.#loaded.body.gzip.byteLength, signal);
      this.#mayGo = true;
      this.#parts.changed();
    }
    return true;
  }

  #given(category: Category, found: FromDisk): void {
    if (found.kind === "body") {
      this.#parts.store(category).read(found.segment);
    }
    if (found.kind === "body" && !this.#isExpired(found.atMs)) {
      this.#loaded = found;
      this.#hold(found.body);
      return;
    }
    this.#parts.store(category).settleRange(this.name, found.first, found.last);
    if (found.kind === "damaged") {
      this.#lose(category, "corrupt", found.amount, "records on disk cannot be read");
    } else {
      this.#parts.lost(category, "expired", found.body.tally, "older than the queue keeps");
    }
  }

  /** The other category's turn, if something waits there. */
  #nextCategory(): Category | undefined {
    const other = this.#turn === "metric" ? "logging" : "metric";
    return [other, this.#turn].find((category): category is Category => {
      return (category === "metric" || category === "logging") && !this.#backlogs[category].isEmpty;
    });
  }

  #isExpired(atMs: number): boolean {
    return this.#parts.clock.now() - atMs > this.#parts.settings.maxAgeMs;
  }

  #isSafe(stored: StoredBody): boolean {
    return this.#parts.store(stored.category).isSafe(stored);
  }

  #forget(stored: StoredBody, body: Body): void {
    this.#memory.delete(stored);
    this.#inMemory[body.category] = minus(this.#inMemory[body.category], body.tally);
    this.#letGo(body);
  }

  #settleStored(stored: StoredBody): void {
    const onDisk = stored.stretches.length > 0;
    this.#parts.store(stored.category).settle(this.name, stored);
    if (onDisk) {
      this.#parts.settled();
    }
  }

  #lose(category: Category, reason: LossReason, amount: Amount, detail: string): void {
    if (amount.records > 0 || amount.points > 0) {
      this.#parts.lost(category, reason, tallyOf(amount), detail);
    }
  }

  #hold(body: Body): void {
    this.#held += heldBytes(body);
    this.#parts.meter.hold(body);
  }

  #letGo(body: Body): void {
    this.#held -= heldBytes(body);
    this.#parts.meter.release(body);
  }
}

/** A body that was read from disk. */
type Loaded = Extract<FromDisk, { readonly kind: "body" }>;

function tallyOf({ records, points, samples, rawBytes }: Amount): Tally {
  return { payloads: records, points, samples, bytes: rawBytes };
}
