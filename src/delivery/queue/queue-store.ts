import { type BackOff, backOffMs } from "../../back-off.ts";
import { type Clock, WAIT_OVER } from "../../clock.ts";
import type { Category, Payload } from "../../payload.ts";
import { type Disk, type DiskLock, faultCode } from "../../spool/disk.ts";
import { MINUTE, SECOND } from "../../units.ts";
import { Bell } from "../bell.ts";
import type { Body } from "../body/body.ts";
import type { QueueSettings } from "../delivery-settings.ts";
import { LedgerHistory, type LifeCounts, type PastStatus } from "../ledger/ledger-history.ts";
import { CategoryStore } from "./category-store.ts";
import { DiskQueue, type DiskQueueParts } from "./disk-queue.ts";
import { isOfDisk } from "./disk-trouble.ts";
import type { QueueNotice, QueueStatus } from "./queue-status.ts";
import { steadyClock } from "./steady-clock.ts";
import type { StoredBody } from "./stored-body.ts";

export interface QueueStoreParts {
  readonly settings: QueueSettings;
  readonly disk: Disk;
  readonly clock: Clock;
  /** What is kept for the next life to know. */
  counted(): LifeCounts;
  /** Told once when it happens. */
  notice(notice: QueueNotice): void;
}

const CATEGORIES = ["metric", "logging"] as const;
const DISK_TROUBLE: BackOff = { firstMs: SECOND, longestMs: 30 * SECOND };
/** The longest that stopping waits for the disk. */
const LAST_WRITE = 2 * SECOND;

/**
 * Writes to disk what has waited in memory for a while, in the background. Trouble with the disk never concerns anybody else:
 * what waits stays in memory, it is said, and tried again.
 */
export class QueueStore {
  readonly #parts: QueueStoreParts;
  /** What waits gets older by this one. */
  readonly #ages: Clock;
  readonly #users: DiskQueue[] = [];
  readonly #stores: Record<Category, CategoryStore>;
  /** Something was settled, or is to be written at once. */
  readonly #bell = new Bell();
  readonly #ended = new AbortController();
  readonly #history: LedgerHistory;
  #running: Promise<void> | undefined;
  #lock: DiskLock | undefined;
  #trouble: string | undefined = "starting";
  #failures = 0;
  #notBefore = 0;
  #damagedRecords = 0;
  #afterCrash = false;
  #isWritten = false;
  #nextSave = 0;
  #growth = { atMs: 0, bytes: 0, bytesPerMs: 0 };

  constructor(parts: QueueStoreParts) {
    this.#parts = parts;
    this.#ages = steadyClock(parts.clock);
    this.#history = new LedgerHistory({
      disk: parts.disk,
      directory: parts.settings.directory,
      now: () => parts.clock.now(),
      counted: parts.counted,
    });
    const store = (category: Category) =>
      new CategoryStore({
        ...parts,
        clock: this.#ages,
        category,
        users: this.#users,
        unreadable: (file) => parts.notice({ event: "unreadable", ...file }),
      });
    this.#stores = { metric: store("metric"), logging: store("logging") };
  }

  /** The queue of a destination; all of them before `start`. */
  queueFor(
    parts: Omit<DiskQueueParts, "settings" | "clock" | "store" | "storedOf" | "settled" | "lasts">,
  ) {
    const queue = new DiskQueue({
      ...parts,
      settings: this.#parts.settings,
      clock: this.#ages,
      store: (category) => this.#stores[category],
      storedOf: (body) => this.#storedOf(body),
      settled: () => this.#bell.ring(),
      lasts: () => this.works,
    });
    this.#users.push(queue);
    return queue;
  }

  /** A payload that will be in the body of that id. */
  add(id: string, payload: Payload): void {
    this.#stores[payload.category].add(id, payload);
    if (this.#parts.settings.sync === "always") {
      this.#bell.ring();
    }
  }

  start(): void {
    const { signal } = this.#ended;
    const loops = [this.#run(signal), ...this.#users.map((user) => user.run(signal))];
    this.#running = Promise.all(loops).then(() => undefined);
  }

  get works(): boolean {
    return this.#trouble === undefined;
  }

  /** Writes what is left. A disk that hangs is not waited for long. */
  async stop(): Promise<void> {
    for (const user of this.#users) {
      user.rest();
    }
    await this.#patiently(async () => {
      await this.#end();
      this.#isWritten = true;
    });
  }

  /** Keeps the last counts, after `stop` and when nothing is counted any more, and lets go of the directory. */
  async close(): Promise<void> {
    // A disk that hung still does, and the next life should know that this one's end is not on it.
    if (this.#isWritten) {
      await this.#patiently(async () => {
        await this.#saveCounts(true);
        await this.#lock?.release();
        this.#lock = undefined;
      });
    }
  }

  status(): QueueStatus {
    const { maxLossMs } = this.#parts.settings;
    const { bytesPerMs } = this.#growth;
    const bytes = this.#diskBytes;
    const limit = CATEGORIES.reduce((all, category) => all + this.#stores[category].diskLimit, 0);
    return {
      ...(this.#trouble === undefined ? {} : { trouble: this.#trouble }),
      diskBytes: bytes,
      diskLimit: limit,
      fullInMs: bytesPerMs > 0 ? Math.max(0, limit - bytes) / bytesPerMs : Number.POSITIVE_INFINITY,
      maxLossMs,
      afterCrash: this.#afterCrash,
      damagedRecords: this.#damagedRecords,
      unreadable: CATEGORIES.flatMap((category) => this.#stores[category].unreadable),
      bodiesOnlyInMemory: CATEGORIES.reduce(
        (all, category) => all + this.#stores[category].unwrittenBodies,
        0,
      ),
    };
  }

  /** Undefined as long as the disk was not read. */
  past(): PastStatus | undefined {
    return this.#isOpen ? this.#history.status() : undefined;
  }

  #storedOf(body: Body): StoredBody {
    return this.#stores[body.category].close(body);
  }

  get #isOpen(): boolean {
    return CATEGORIES.every((category) => this.#stores[category].isOpen);
  }

  get #diskBytes(): number {
    return CATEGORIES.reduce((all, category) => all + this.#stores[category].diskBytes, 0);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, settings } = this.#parts;
    const always = settings.sync === "always";
    // Half of it to wait for the next turn, a quarter of it young enough to be left out, the rest for the disk.
    const tick = settings.maxLossMs / 2;
    let next = 0;
    while (!signal.aborted) {
      const now = clock.monotonic();
      if (always || now >= next) {
        next = now + tick;
        await this.#cycle(always ? Number.POSITIVE_INFINITY : this.#ages.now() - tick / 2);
      } else {
        await this.#writePositions();
      }
      const rung = new AbortController();
      const stop = () => rung.abort(WAIT_OVER);
      signal.addEventListener("abort", stop);
      await Promise.race([
        this.#bell.wait(),
        clock.sleep(Math.max(1, next - clock.monotonic()), rung.signal),
      ]);
      signal.removeEventListener("abort", stop);
      rung.abort(WAIT_OVER);
      this.#bell.reset();
    }
  }

  async #patiently(work: () => Promise<void>): Promise<void> {
    const done = new AbortController();
    await Promise.race([work(), this.#parts.clock.sleep(LAST_WRITE, done.signal)]);
    done.abort();
  }

  async #end(): Promise<void> {
    this.#ended.abort();
    this.#bell.ring();
    await this.#running;
    this.#notBefore = 0;
    await this.#cycle(Number.POSITIVE_INFINITY, true);
    await this.#cycle(Number.POSITIVE_INFINITY, true);
    for (const category of CATEGORIES) {
      await this.#stores[category].shut();
    }
  }

  async #cycle(untilMs: number, final = false): Promise<void> {
    const now = this.#parts.clock.monotonic();
    if (now < this.#notBefore) {
      return;
    }
    const unopened = await this.#open().catch(faultCode);
    // Beside each other: each answer of the disk wakes this thread, which costs more than what it does with it.
    const [trouble] = await Promise.all([
      this.#lock === undefined
        ? unopened
        : this.#cycleStores(untilMs, final).then((trouble) => unopened ?? trouble),
      now >= this.#nextSave ? this.#saveNow(now) : undefined,
    ]);
    this.#outcome(trouble);
    this.#measureGrowth();
  }

  async #cycleStores(untilMs: number, final: boolean): Promise<string | undefined> {
    let trouble: string | undefined;
    try {
      for (const category of CATEGORIES) {
        trouble = (await this.#stores[category].cycle(untilMs, final)) ?? trouble;
        if (isOfDisk(trouble)) {
          break;
        }
      }
    } catch (error) {
      trouble = faultCode(error);
    }
    return trouble;
  }

  async #saveNow(now: number): Promise<void> {
    this.#nextSave = now + this.#parts.settings.maxLossMs / 2;
    await this.#saveCounts(false);
  }

  async #saveCounts(final: boolean): Promise<void> {
    if (this.#isOpen && this.#lock !== undefined) {
      await this.#history.save(final, this.#parts.settings.sync !== "never");
    }
  }

  async #writePositions(): Promise<void> {
    if (this.#lock !== undefined && !isOfDisk(this.#trouble)) {
      for (const category of CATEGORIES) {
        // What does not go now goes with the next cycle, which says what is wrong.
        await this.#stores[category].writePositions();
      }
    }
  }

  async #open(): Promise<string | undefined> {
    const { disk, settings } = this.#parts;
    if (this.#lock !== undefined && !(await this.#lock.isHere())) {
      // Somebody took the directory away. Whoever has the lock of what is there now writes there.
      await this.#lock.release();
      this.#lock = undefined;
      for (const category of CATEGORIES) {
        await this.#stores[category].forsake();
      }
    }
    if (this.#lock === undefined) {
      await disk.makeDirectory(settings.directory);
      this.#lock = await disk.lock(settings.directory);
      if (this.#lock === undefined) {
        return "locked";
      }
      if (this.#lock.abandoned) {
        this.#afterCrash = true;
        this.#parts.notice({ event: "after_crash", maxLossMs: settings.maxLossMs });
      }
    }
    if (!this.#history.isOpen) {
      const foreign = await this.#history.open(this.#lock.abandoned);
      if (foreign.length > 0) {
        this.#parts.notice({ event: "ledger_foreign", foreign });
      }
    }
    // One that cannot be opened does not keep the other from working.
    let trouble: string | undefined;
    for (const category of CATEGORIES) {
      trouble = (await this.#openStore(category).catch(faultCode)) ?? trouble;
    }
    return trouble;
  }

  async #openStore(category: Category): Promise<undefined> {
    if (!this.#stores[category].isOpen) {
      const recovery = await this.#stores[category].open();
      this.#damagedRecords += recovery.damagedRecords;
      this.#parts.notice({ event: "opened", category, ...recovery });
    }
  }

  #outcome(trouble: string | undefined): void {
    const before = this.#trouble;
    this.#trouble = trouble;
    if (!isOfDisk(trouble)) {
      this.#failures = 0;
      this.#notBefore = 0;
    } else {
      this.#failures += 1;
      this.#notBefore = this.#parts.clock.monotonic() + backOffMs(DISK_TROUBLE, this.#failures);
    }
    if (trouble !== before) {
      if (trouble !== undefined) {
        const path = this.#parts.settings.directory;
        this.#parts.notice({ event: "memory_only", code: trouble, path });
      } else if (before !== "starting") {
        this.#parts.notice({ event: "disk_again" });
      }
    }
  }

  #measureGrowth(): void {
    const now = this.#parts.clock.monotonic();
    const { atMs, bytes } = this.#growth;
    if (now - atMs >= MINUTE / 6) {
      const bytesPerMs = (this.#diskBytes - bytes) / Math.max(1, now - atMs);
      this.#growth = { atMs: now, bytes: this.#diskBytes, bytesPerMs };
    }
  }
}
