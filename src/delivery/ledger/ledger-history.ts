import type { Category } from "../../payload.ts";
import type { Disk } from "../../spool/disk.ts";
import {
  type LedgerCount,
  type LivesBefore,
  ledgerCounts,
  livesIn,
  nameOfCount,
  withLives,
} from "../../spool/ledger-count.ts";
import { type Counts, findLedger, LedgerFile } from "../../spool/ledger-file.ts";
import type { LedgerStatus } from "../delivery-status.ts";

/** What became of so many lines of pages; `read` counts them all. */
export interface LineCount {
  readonly fate: string;
  readonly reason: string;
  readonly lines: number;
}

/** What this life has counted so far. */
export interface LifeCounts {
  readonly lines: readonly LineCount[];
  readonly destinations: readonly {
    /** As it is called on disk. */
    readonly identity: string;
    /** As the settings call it. */
    readonly name: string;
    readonly ledger: Readonly<Record<Category, LedgerStatus>>;
  }[];
}

/** What earlier lives of the queue have counted. */
export interface PastStatus extends LivesBefore {
  /** False: it is not kept for the next life, since the disk or a file of another version does not let it. */
  readonly isKept: boolean;
  /** Destinations of this life are called as in its settings. */
  readonly counts: readonly LedgerCount[];
}

export interface LedgerHistoryParts {
  readonly disk: Disk;
  readonly directory: string;
  readonly now: () => number;
  readonly counted: () => LifeCounts;
}

const CATEGORIES = ["metric", "logging"] as const;
const MEASURES = ["points", "samples", "bytes"] as const;

/** The ledger over all lives of a queue: what the file says of earlier ones, and this one on top. */
export class LedgerHistory {
  readonly #parts: LedgerHistoryParts;
  #before: LivesBefore | undefined;
  #counts: Counts = new Map();
  #file: LedgerFile | undefined;
  #isKept = false;
  #savedAmount = 0;

  constructor(parts: LedgerHistoryParts) {
    this.#parts = parts;
  }

  get isOpen(): boolean {
    return this.#before !== undefined;
  }

  /**
   * Reads what earlier lives left and gives the names of files that were left alone. `abandoned`: the life before did not let go
   * of the lock.
   */
  async open(abandoned: boolean): Promise<readonly string[]> {
    const { disk, directory, now } = this.#parts;
    const found = await findLedger(disk, directory);
    const { last } = found;
    const { lives, cut, uncountedMs } = livesIn(last?.counts ?? new Map());
    const wasCut = abandoned || last?.final === false;
    const gap = wasCut && last !== undefined ? Math.max(0, now() - last.savedMs) : 0;
    this.#before = {
      lives: last === undefined && wasCut ? 1 : lives,
      cut: cut + (wasCut ? 1 : 0),
      uncountedMs: uncountedMs + gap,
    };
    this.#counts = last?.counts ?? new Map();
    // Its counts would go on without those of this life, or end here.
    this.#file = found.isOfAnotherVersion ? undefined : new LedgerFile(disk, directory, found);
    return found.foreign;
  }

  status(): PastStatus | undefined {
    if (this.#before === undefined) {
      return undefined;
    }
    const life = this.#parts.counted();
    const names = new Map(life.destinations.map(({ identity, name }) => [identity, name]));
    const counts = ledgerCounts(this.#past(life)).map((count) => ({
      ...count,
      destination: names.get(count.destination) ?? count.destination,
    }));
    return { ...this.#before, isKept: this.#isKept, counts };
  }

  /** Keeps all there is. That it cannot is known by `status`; the next time it is tried again. */
  async save(final: boolean, sync: boolean): Promise<void> {
    const before = this.#before;
    if (before === undefined || this.#file === undefined) {
      return;
    }
    const life = this.#parts.counted();
    const amount = amountOf(life);
    if (!final && this.#isKept && amount === this.#savedAmount) {
      return;
    }
    this.#savedAmount = amount;
    const lives = { ...before, lives: before.lives + 1 };
    const counts = withLives(withLife(this.#past(life), life), lives);
    this.#isKept = await this.#file
      .save({ savedMs: this.#parts.now(), final, counts }, sync || final)
      .then(() => true)
      .catch(() => false);
    if (final) {
      await this.#file.close();
    }
  }

  /**
   * What earlier lives have counted, and what their end left unclear: what waited for a destination then is what was recovered,
   * or it is not known what became of it.
   */
  #past({ destinations }: LifeCounts): Map<string, number> {
    const past = new Map(this.#counts);
    for (const { destination, category, measure, status } of eachOf(destinations)) {
      const name = (fate: string) =>
        nameOfCount({ measure, destination, category, fate, reason: "" });
      const more = status.recovered[measure] - (past.get(name("queued")) ?? 0);
      past.delete(name("queued"));
      add(past, name(more > 0 ? "found" : "unknown"), Math.abs(more));
    }
    return past;
  }
}

function withLife(past: Map<string, number>, { lines, destinations }: LifeCounts): Counts {
  for (const { fate, reason, lines: count } of lines) {
    const name = { measure: "lines", destination: "", category: "", fate, reason } as const;
    add(past, nameOfCount(name), count);
  }
  for (const { destination, category, measure, status } of eachOf(destinations)) {
    const count = (fate: string, reason: string, value: number) =>
      add(past, nameOfCount({ measure, destination, category, fate, reason }), value);
    count("enqueued", "", status.offered[measure]);
    count("sent", "", status.sent[measure]);
    count("queued", "", status.queued[measure]);
    for (const [reason, tally] of Object.entries(status.lost)) {
      count("lost", reason, tally[measure]);
    }
  }
  return past;
}

function* eachOf(destinations: LifeCounts["destinations"]) {
  for (const { identity: destination, ledger } of destinations) {
    for (const category of CATEGORIES) {
      for (const measure of MEASURES) {
        yield { destination, category, measure, status: ledger[category] };
      }
    }
  }
}

/** Grows whenever something is counted; what waits follows from the rest. */
function amountOf({ lines, destinations }: LifeCounts): number {
  let amount = 0;
  for (const { lines: count } of lines) {
    amount += count;
  }
  for (const { ledger } of destinations) {
    for (const category of CATEGORIES) {
      const { offered, recovered, sent, lost } = ledger[category];
      for (const { points, samples, bytes } of [offered, recovered, sent, ...Object.values(lost)]) {
        amount += points + samples + bytes;
      }
    }
  }
  return amount;
}

function add(counts: Map<string, number>, name: string, value: number): void {
  if (value !== 0) {
    counts.set(name, (counts.get(name) ?? 0) + value);
  }
}
