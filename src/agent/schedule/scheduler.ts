import { isDeepStrictEqual } from "node:util";
import { type BackOff, backOffMs } from "../../back-off.ts";
import type { Clock } from "../../clock.ts";
import type { Lanes } from "../../lanes/lane.ts";
import type { ScrapeReport } from "../../scrape/scrape-report.ts";
import type { ScrapeTarget } from "../../scrape/scrape-target.ts";
import { MINUTE, SECOND } from "../../units.ts";
import { Admission, type AdmissionSettings, type Ticket } from "./admission.ts";
import { BinaryHeap } from "./binary-heap.ts";
import { ClockWatch } from "./clock-watch.ts";
import { latestTick, openingOf, phaseOf, tickAfter } from "./phase.ts";

export interface ScheduledTarget {
  readonly target: ScrapeTarget;
  /** Whole milliseconds between ticks, at least 1. */
  readonly intervalMs: number;
}

/** One time at which a target is scraped: Unix milliseconds, the time its points carry. */
export interface Tick {
  readonly atMs: number;
  /** False: the opening scrape of a new target (phase.ts). */
  readonly onGrid: boolean;
}

/**
 * Why a tick of a target had no scrape. `overlap`: the last one still ran. `admission`: it waited for its turn until the next
 * tick came. `lane`: its lane had died and was not back, or keeps dying while this target is scraped. `clock_jump`: the wall clock passed over it. `event_loop`: this
 * process did not get to it in time. Literal reasons: they are metric labels and stable.
 */
export type MissReason = "overlap" | "admission" | "lane" | "clock_jump" | "event_loop";

export interface SchedulerEvents {
  /** Once for each scrape that began, also for one aborted because its target was removed. */
  onReport(target: ScrapeTarget, tick: Tick, report: ScrapeReport): void;
  /** `ticks` of them, at least 1, for this reason. */
  onMissed(target: ScrapeTarget, reason: MissReason, ticks: number): void;
}

/** The longest sleep: a clock that was set is noticed within it. */
const LONGEST_SLEEP_MS = SECOND;
/** A tick noticed later than this is missed: after a long stall the load must not come all at once. */
const LATEST_START_MS = 2 * SECOND;
/** What an aborted scrape may take to say so. */
const ABORT_MS = SECOND;
/**
 * A target whose lane died under this many of its scrapes in a row may be what kills it, and all its neighbours go down with
 * the lane: it pauses for a minute, twice as long after each further death.
 */
const DEATHS_TO_PAUSE = 3;
const LANE_DEATHS: BackOff = { firstMs: MINUTE, longestMs: 5 * MINUTE };

interface Plan {
  target: ScrapeTarget;
  intervalMs: number;
  phaseMs: number;
  /** Wall time of the next tick. */
  nextMs: number;
  nextOnGrid: boolean;
  /** Tick that waits for admission or is being scraped. */
  tick: Tick;
  ticket: Ticket<Plan> | undefined;
  running: AbortController | undefined;
  lastBytes: number | undefined;
  slow: boolean;
  /** Scrapes in a row that ended with the death of the lane. */
  laneDeaths: number;
  /** Monotonic time before which it is not scraped. */
  pausedUntilMs: number;
  /** Not desired any more, kept until its scrape has ended. */
  removed: boolean;
}

/**
 * Starts the scrape of each desired target at its ticks (phase.ts), when there is room (admission.ts), one at a time for
 * each target. One sleep serves all of them.
 */
export class Scheduler {
  readonly #lanes: Lanes;
  readonly #events: SchedulerEvents;
  readonly #clock: Clock;
  readonly #watch: ClockWatch;
  readonly #admission: Admission<Plan>;
  readonly #plans = new Map<string, Plan>();
  readonly #queue = new BinaryHeap<Plan>((plan) => plan.nextMs);
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #wake = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(lanes: Lanes, admission: AdmissionSettings, events: SchedulerEvents, clock: Clock) {
    this.#lanes = lanes;
    this.#events = events;
    this.#clock = clock;
    this.#watch = new ClockWatch(clock);
    this.#admission = new Admission(admission);
  }

  /** Begins to tick. Targets set before are new now. */
  start(): void {
    this.#watch.jump();
    for (const plan of this.#plans.values()) this.#open(plan);
    this.#requeue();
    this.#loop ??= this.#run();
  }

  /**
   * From now on these are the targets, and no others: new ones open, those whose interval changed go over to their new ticks,
   * those that are gone are aborted and forgotten. One with another specification under its key keeps its ticks. Of two with
   * one key the first counts.
   */
  set(desired: readonly ScheduledTarget[]): void {
    const kept = new Set<string>();
    for (const { target, intervalMs } of desired) {
      if (kept.has(target.key)) continue;
      kept.add(target.key);
      this.#desire(target, intervalMs);
    }
    for (const [key, plan] of this.#plans) if (!kept.has(key)) this.#remove(plan);
    this.#requeue();
    this.#wake.abort();
  }

  /**
   * Ticks no more; waits `graceMs` for the scrapes that run, aborts what is left and gives it a second to report. Reports
   * still missing then come when the lanes are stopped.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort();
    await this.#loop;
    const done = new AbortController();
    void Promise.all(this.#running).then(() => done.abort());
    await this.#clock.sleep(graceMs, done.signal);
    for (const plan of this.#plans.values()) plan.running?.abort();
    await this.#clock.sleep(ABORT_MS, done.signal);
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#wake = new AbortController();
      this.#turn();
      await this.#clock.sleep(this.#sleepMs(), this.#wake.signal);
    }
    for (const plan of this.#plans.values()) this.#leaveLine(plan);
  }

  #turn(): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#watch.jump() !== 0) {
      this.#jumped();
      this.#wake.abort();
    }
    this.#fireDue();
    this.#admit();
  }

  #sleepMs(): number {
    const tickMs = (this.#queue.peek()?.nextMs ?? Number.POSITIVE_INFINITY) - this.#clock.now();
    const nowMs = this.#clock.monotonic();
    const roomMs = this.#admission.nextRoomMs(nowMs) - nowMs;
    return Math.max(1, Math.min(tickMs, roomMs, LONGEST_SLEEP_MS));
  }

  #desire(target: ScrapeTarget, intervalMs: number): void {
    const plan = this.#plans.get(target.key);
    if (plan === undefined || plan.removed) {
      this.#add(target, intervalMs, plan);
      return;
    }
    // The same specification stays the same object, so that lanes are not told it again.
    if (!isDeepStrictEqual(plan.target, target)) plan.target = target;
    if (plan.intervalMs === intervalMs) return;
    plan.intervalMs = intervalMs;
    plan.phaseMs = phaseOf(target.key, intervalMs);
    if (plan.nextOnGrid) plan.nextMs = tickAfter(this.#clock.now(), plan.phaseMs, intervalMs);
  }

  /** `leaving`: the same target was removed before and its last scrape has not ended. */
  #add(target: ScrapeTarget, intervalMs: number, leaving: Plan | undefined): void {
    const plan: Plan = leaving ?? {
      target,
      intervalMs,
      phaseMs: 0,
      nextMs: 0,
      nextOnGrid: true,
      tick: { atMs: 0, onGrid: true },
      ticket: undefined,
      running: undefined,
      lastBytes: undefined,
      slow: false,
      laneDeaths: 0,
      pausedUntilMs: 0,
      removed: false,
    };
    plan.target = target;
    plan.intervalMs = intervalMs;
    plan.phaseMs = phaseOf(target.key, intervalMs);
    plan.removed = false;
    this.#open(plan);
    this.#plans.set(target.key, plan);
  }

  #open(plan: Plan): void {
    const opening = openingOf(plan.target.key, this.#clock.now(), plan.phaseMs, plan.intervalMs);
    plan.nextMs = opening.atMs;
    plan.nextOnGrid = opening.onGrid;
  }

  #remove(plan: Plan): void {
    plan.removed = true;
    if (plan.running !== undefined) {
      plan.running.abort();
      return;
    }
    this.#leaveLine(plan);
    this.#forget(plan);
  }

  #forget(plan: Plan): void {
    this.#plans.delete(plan.target.key);
    this.#lanes.forget(plan.target.key);
  }

  #leaveLine(plan: Plan): void {
    if (plan.ticket === undefined || plan.running !== undefined) return;
    this.#admission.withdraw(plan.ticket);
    plan.ticket = undefined;
  }

  #requeue(): void {
    this.#queue.replace([...this.#plans.values()].filter((plan) => !plan.removed));
  }

  /**
   * The wall clock is elsewhere. Nothing is caught up: each target goes on at its first tick after the new time, except that
   * after a step back of less than an interval no tick comes twice. What waits would carry a time of the old clock.
   */
  #jumped(): void {
    const now = this.#clock.now();
    for (const plan of this.#plans.values()) {
      if (plan.ticket !== undefined && plan.running === undefined) {
        this.#leaveLine(plan);
        this.#missed(plan, "clock_jump", 1);
      }
      if (!plan.nextOnGrid) this.#open(plan);
      else this.#skipTo(plan, now);
    }
    this.#requeue();
  }

  #skipTo(plan: Plan, now: number): void {
    const next = tickAfter(now, plan.phaseMs, plan.intervalMs);
    if (next > plan.nextMs) {
      this.#missed(plan, "clock_jump", (next - plan.nextMs) / plan.intervalMs);
      plan.nextMs = next;
    } else if (plan.nextMs - now >= 2 * plan.intervalMs) {
      plan.nextMs = next;
    }
  }

  #fireDue(): void {
    const now = this.#clock.now();
    for (;;) {
      const plan = this.#queue.peek();
      if (plan === undefined || plan.nextMs > now) return;
      this.#queue.pop();
      if (plan.nextOnGrid) this.#fire(plan, now);
      else this.#fireOpening(plan, now);
    }
  }

  // In both, the plan is back in the queue before anybody is told: `set` may be called from there.

  #fireOpening(plan: Plan, now: number): void {
    const first = tickAfter(plan.nextMs, plan.phaseMs, plan.intervalMs);
    plan.nextMs = tickAfter(now, plan.phaseMs, plan.intervalMs);
    plan.nextOnGrid = true;
    this.#queue.push(plan);
    this.#missed(plan, "event_loop", (plan.nextMs - first) / plan.intervalMs);
    if (!plan.removed) this.#tick(plan, { atMs: now, onGrid: false });
  }

  #fire(plan: Plan, now: number): void {
    const latest = latestTick(now, plan.phaseMs, plan.intervalMs);
    const late = now - latest > LATEST_START_MS;
    const missed = (latest - plan.nextMs) / plan.intervalMs + (late ? 1 : 0);
    plan.nextMs = latest + plan.intervalMs;
    this.#queue.push(plan);
    this.#missed(plan, "event_loop", missed);
    if (!late && !plan.removed) this.#tick(plan, { atMs: latest, onGrid: true });
  }

  #tick(plan: Plan, tick: Tick): void {
    const lane = this.#lanes.laneOf(plan.target.key);
    const nowMs = this.#clock.monotonic();
    const ready = this.#lanes.ready(lane) && nowMs >= plan.pausedUntilMs;
    if (plan.running !== undefined) {
      this.#missed(plan, "overlap", 1);
    } else if (plan.ticket !== undefined) {
      // The new tick takes over the place in the line, and with it the age.
      this.#missed(plan, ready ? "admission" : "lane", 1);
      plan.tick = tick;
    } else if (!ready) {
      this.#missed(plan, "lane", 1);
    } else {
      plan.tick = tick;
      plan.ticket = this.#admission.queue(plan, lane, plan.lastBytes, plan.slow, nowMs);
    }
  }

  #missed(plan: Plan, reason: MissReason, ticks: number): void {
    if (ticks > 0) this.#events.onMissed(plan.target, reason, ticks);
  }

  #admit(): void {
    const admitted = this.#admission.admit(this.#clock.monotonic(), (lane) =>
      this.#lanes.ready(lane),
    );
    for (const ticket of admitted) {
      const ended = this.#scrape(ticket);
      this.#running.add(ended);
      void ended.then(() => this.#running.delete(ended));
    }
  }

  async #scrape(ticket: Ticket<Plan>): Promise<void> {
    const plan = ticket.item;
    const { target, tick } = plan;
    plan.running = new AbortController();
    const report = await this.#lanes.scrape(target, tick.atMs, plan.running.signal);
    const nowMs = this.#clock.monotonic();
    plan.slow = this.#admission.end(ticket, report.bodyBytes, nowMs);
    const died = report.outcome.kind === "failed" && report.outcome.reason === "lane";
    plan.laneDeaths = died ? plan.laneDeaths + 1 : 0;
    plan.pausedUntilMs = nowMs + backOffMs(LANE_DEATHS, plan.laneDeaths - DEATHS_TO_PAUSE + 1);
    if (report.bodyBytes > 0) plan.lastBytes = report.bodyBytes;
    plan.running = undefined;
    plan.ticket = undefined;
    if (plan.removed) this.#forget(plan);
    this.#events.onReport(target, tick, report);
    // There is room for another; a whole turn, for the clock may have been set since the last.
    this.#turn();
  }
}
