import type { Lanes } from "../../../src/lanes/lane.ts";
import { laneFailure, nothingTaken } from "../../../src/lanes/lane-failure.ts";
import type { ScrapeReport } from "../../../src/scrape/scrape-report.ts";
import type { ScrapeTarget } from "../../../src/scrape/scrape-target.ts";
import { failedReport, okReport } from "../../lanes/targets.ts";
import type { SteppingClock } from "./stepping-clock.ts";

export interface Started {
  readonly key: string;
  /** The time its points carry, and the wall time at which it began. */
  readonly atMs: number;
  readonly wallMs: number;
  /** How far the clock had been set back by then. */
  readonly wentBackMs: number;
}

/** One lane in which a scrape takes as long as the target is told to. */
export class TimedLanes implements Lanes {
  readonly size = 1;
  readonly started: Started[] = [];
  readonly forgotten: string[] = [];
  readonly specs = new Map<string, ScrapeTarget>();
  /** Milliseconds a scrape of a key takes (default 10) and what its page has. */
  readonly takes = new Map<string, number>();
  readonly bytes = new Map<string, number>();
  /** Keys whose scrapes take the lane down. */
  readonly deadly = new Set<string>();
  readonly running = new Set<string>();
  /** What a scheduler must never do. */
  readonly faults: string[] = [];
  up = true;
  readonly #clock: SteppingClock;

  constructor(clock: SteppingClock) {
    this.#clock = clock;
  }

  async scrape(target: ScrapeTarget, atMs: number, signal: AbortSignal): Promise<ScrapeReport> {
    if (this.running.has(target.key)) this.faults.push(`two scrapes of ${target.key} at a time`);
    if (!this.up) this.faults.push(`a scrape of ${target.key} in a lane that is down`);
    this.running.add(target.key);
    this.specs.set(target.key, target);
    this.started.push({
      key: target.key,
      atMs,
      wallMs: this.#clock.now(),
      wentBackMs: this.#clock.wentBackMs,
    });
    await this.#clock.sleep(this.takes.get(target.key) ?? 10, signal);
    this.running.delete(target.key);
    if (this.deadly.has(target.key)) {
      return laneFailure("died", 10, nothingTaken());
    }
    return signal.aborted ? failedReport("aborted") : okReport(this.bytes.get(target.key) ?? 1000);
  }

  forget(key: string): void {
    if (this.running.has(key)) this.faults.push(`${key} is forgotten while it is scraped`);
    this.forgotten.push(key);
  }

  laneOf(_key: string): number {
    return 0;
  }

  ready(_lane: number): boolean {
    return this.up;
  }

  async stop(): Promise<void> {}

  timesOf(key: string): number[] {
    return this.started.filter((start) => start.key === key).map(({ atMs }) => atMs);
  }
}
