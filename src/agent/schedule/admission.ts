import { KIB, MIB, SECOND } from "../../units.ts";
import { BinaryHeap } from "./binary-heap.ts";

/**
 * Which scrapes may begin now. Like a supermarket, there are three lines, and none waits for another:
 *
 * - express: pages expected to be small. They share half of the byte budget.
 * - heavy: pages expected to be more than a sixteenth of the budget. They share the other half; one is charged at most that
 *   half, so that any page can run, and a 300 MB page never takes the bytes of a hundred small ones.
 * - slow: targets that took much longer last time than their bytes explain (they hang, or trickle). They cost a socket and
 *   no bytes, so they take none; only their number is bounded, and high.
 *
 * Within a line the order is arrival plus a handicap in proportion to the page: small ones first, but whoever waits long
 * enough is older than any that comes. Nobody overtakes the head of a line for being smaller, so nobody starves.
 *
 * What runs is bounded in each lane by a number of slots, which are for scrapes that move. One that has used up its allowance
 * (a second, plus the time its expected bytes take at a modest rate) is overdue: it gives its slot and its bytes back and is
 * counted with the slow. So 20 targets that hang hold 20 slots for one second once, and none after that.
 *
 * "Bytes" are those of the page after decompression. They are work and not memory: a page is never held whole.
 */
export interface AdmissionSettings {
  /** Bytes of pages in flight, over all lanes. */
  readonly budgetBytes: number;
  /** Scrapes on the move in one lane. */
  readonly slotsPerLane: number;
  /** Slow and overdue scrapes in one lane, beside those on the move. */
  readonly slowPerLane: number;
}

export const admissionDefaults: AdmissionSettings = {
  budgetBytes: 64 * MIB,
  slotsPerLane: 64,
  slowPerLane: 256,
};

/** Expected of a target nobody has scraped yet. */
const UNKNOWN_BYTES = 256 * KIB;
/** What any scrape costs: its windows. */
const LEAST_BYTES = 64 * KIB;
const HEAVY_SHARE = 1 / 16;
const PATIENCE_MS = SECOND;
/** 8 MiB/s: far below what a lane takes in, so that it is the target which is slow where this is not kept. */
const BYTES_PER_MS = (8 * MIB) / SECOND;

type Line = "express" | "heavy" | "slow";
type Stage = "waiting" | "moving" | "slow" | "gone";

/** A scrape in one of the lines, or in flight. */
export interface Ticket<T> {
  readonly item: T;
  readonly lane: number;
  readonly line: Line;
  readonly chargeBytes: number;
  readonly allowanceMs: number;
  readonly rank: number;
  stage: Stage;
  startedMs: number;
}

interface Desk<T> {
  readonly lines: Record<Line, BinaryHeap<Ticket<T>>>;
  moving: number;
  slow: number;
}

/** All times are monotonic milliseconds. */
export class Admission<T> {
  readonly #settings: AdmissionSettings;
  readonly #halfBytes: number;
  /** By lane; those of lanes that are no more stay, and are empty soon. */
  readonly #desks = new Map<number, Desk<T>>();
  readonly #usedBytes = { express: 0, heavy: 0, slow: 0 };
  /** Those that move, by when they will be overdue. Some have ended since. */
  readonly #moving = new BinaryHeap<Ticket<T>>(overdueAt);

  constructor(settings: AdmissionSettings) {
    this.#settings = settings;
    this.#halfBytes = settings.budgetBytes / 2;
  }

  /** `lastBytes`: size of the target's last page, undefined where there was none. `slow`: what `end` said last time. */
  queue(
    item: T,
    lane: number,
    lastBytes: number | undefined,
    slow: boolean,
    nowMs: number,
  ): Ticket<T> {
    const bytes = Math.max(lastBytes ?? UNKNOWN_BYTES, LEAST_BYTES);
    const heavy = bytes > this.#settings.budgetBytes * HEAVY_SHARE;
    const line = slow ? "slow" : heavy ? "heavy" : "express";
    const ticket: Ticket<T> = {
      item,
      lane,
      line,
      chargeBytes: slow ? 0 : Math.min(bytes, this.#halfBytes),
      allowanceMs: PATIENCE_MS + bytes / BYTES_PER_MS,
      rank: nowMs + bytes / BYTES_PER_MS,
      stage: "waiting",
      startedMs: 0,
    };
    this.#desk(lane).lines[line].push(ticket);
    return ticket;
  }

  /** Leaves its line without having begun. */
  withdraw(ticket: Ticket<T>): void {
    ticket.stage = "gone";
  }

  /** Those that begin now. `ready` says whether a lane takes scrapes at all. */
  admit(nowMs: number, ready: (lane: number) => boolean): Ticket<T>[] {
    this.#setOverdueAside(nowMs);
    const admitted: Ticket<T>[] = [];
    for (const line of ["slow", "express", "heavy"] as const) {
      for (;;) {
        const ticket = this.#head(line, ready);
        if (ticket === undefined || !this.#fits(ticket)) break;
        this.#begin(ticket, nowMs);
        admitted.push(ticket);
      }
    }
    return admitted;
  }

  /** Ends a scrape that was admitted. True: it took longer than its bytes explain, so call it slow next time. */
  end(ticket: Ticket<T>, bodyBytes: number, nowMs: number): boolean {
    this.#giveBack(ticket);
    ticket.stage = "gone";
    return nowMs - ticket.startedMs > PATIENCE_MS + bodyBytes / BYTES_PER_MS;
  }

  /**
   * When the next scrape will be overdue, which makes room, while some are waiting; Infinity otherwise, also where the
   * slow ones are too many to take another.
   */
  nextRoomMs(nowMs: number): number {
    const next = this.#moving.peek();
    if (next === undefined || overdueAt(next) <= nowMs) return Number.POSITIVE_INFINITY;
    return this.#waiting() ? overdueAt(next) : Number.POSITIVE_INFINITY;
  }

  /** Oldest ticket over all lanes that have a slot for this line. */
  #head(line: Line, ready: (lane: number) => boolean): Ticket<T> | undefined {
    let best: Ticket<T> | undefined;
    for (const [lane, desk] of this.#desks) {
      const head = firstWaiting(desk.lines[line]);
      if (head === undefined || !this.#hasSlot(desk, line) || !ready(lane)) continue;
      if (best === undefined || head.rank < best.rank) best = head;
    }
    return best;
  }

  #hasSlot(desk: Desk<T>, line: Line): boolean {
    return line === "slow"
      ? desk.slow < this.#settings.slowPerLane
      : desk.moving < this.#settings.slotsPerLane;
  }

  #fits(ticket: Ticket<T>): boolean {
    return this.#usedBytes[ticket.line] + ticket.chargeBytes <= this.#halfBytes;
  }

  #begin(ticket: Ticket<T>, nowMs: number): void {
    const desk = this.#desk(ticket.lane);
    desk.lines[ticket.line].pop();
    ticket.startedMs = nowMs;
    if (ticket.line === "slow") {
      ticket.stage = "slow";
      desk.slow++;
      return;
    }
    ticket.stage = "moving";
    desk.moving++;
    this.#usedBytes[ticket.line] += ticket.chargeBytes;
    this.#moving.push(ticket);
  }

  #giveBack(ticket: Ticket<T>): void {
    const desk = this.#desk(ticket.lane);
    if (ticket.stage === "slow") desk.slow--;
    if (ticket.stage !== "moving") return;
    desk.moving--;
    this.#usedBytes[ticket.line] -= ticket.chargeBytes;
  }

  #setOverdueAside(nowMs: number): void {
    const full: Ticket<T>[] = [];
    for (;;) {
      const ticket = this.#moving.peek();
      if (ticket === undefined || overdueAt(ticket) > nowMs) break;
      this.#moving.pop();
      if (ticket.stage !== "moving") continue;
      const desk = this.#desk(ticket.lane);
      if (desk.slow >= this.#settings.slowPerLane) {
        full.push(ticket);
        continue;
      }
      this.#giveBack(ticket);
      ticket.stage = "slow";
      desk.slow++;
    }
    for (const ticket of full) this.#moving.push(ticket);
  }

  #waiting(): boolean {
    return [...this.#desks.values()].some(({ lines }) =>
      [lines.express, lines.heavy].some((line) => firstWaiting(line) !== undefined),
    );
  }

  #desk(lane: number): Desk<T> {
    const desk = this.#desks.get(lane) ?? newDesk<T>();
    this.#desks.set(lane, desk);
    return desk;
  }
}

function newDesk<T>(): Desk<T> {
  return {
    lines: {
      express: new BinaryHeap<Ticket<T>>(rankOf),
      heavy: new BinaryHeap<Ticket<T>>(rankOf),
      slow: new BinaryHeap<Ticket<T>>(rankOf),
    },
    moving: 0,
    slow: 0,
  };
}

function overdueAt<T>(ticket: Ticket<T>): number {
  return ticket.startedMs + ticket.allowanceMs;
}

function rankOf<T>(ticket: Ticket<T>): number {
  return ticket.rank;
}

/** The head of a line, once those who left it are out of the way. */
function firstWaiting<T>(line: BinaryHeap<Ticket<T>>): Ticket<T> | undefined {
  for (;;) {
    const head = line.peek();
    if (head === undefined || head.stage === "waiting") return head;
    line.pop();
  }
}
