import { BUILD_KIND } from "../build-kind.ts";
import type { Clock } from "../clock.ts";
import type { ScrapeReport } from "../scrape/scrape-report.ts";
import type { ScrapeTarget } from "../scrape/scrape-target.ts";
import { MINUTE, SECOND } from "../units.ts";
import { hashKey } from "./key-hash.ts";
import type { Lane, Lanes, OnPayload } from "./lane.ts";
import { laneFailure, nothingTaken } from "./lane-failure.ts";
import type { LaneSettings } from "./lane-settings.ts";
import { ThreadLane } from "./thread-lane.ts";

const LANE_SEED = 1;
/** A lane that lived this long is replaced at once; one that did not, after a pause. */
const STEADY_MS = MINUTE;
const FIRST_PAUSE_MS = SECOND;
const LONGEST_PAUSE_MS = 30 * SECOND;

/** A lane that can die. */
export interface MortalLane extends Lane {
  /** Resolves with the reason when it is dead, never rejects. */
  readonly ended: Promise<string>;
}

/** Called when a lane has died and is about to be replaced, `inMs` milliseconds from now. */
export type OnReplaced = (lane: number, reason: string, inMs: number) => void;

/** Lanes that are threads: sends each target to its own, and replaces those that die. */
export class LanePool implements Lanes {
  readonly size: number;
  /** Lanes that died and were replaced since the start. */
  replaced = 0;
  readonly #open: (lane: number) => MortalLane;
  readonly #onReplaced: OnReplaced;
  readonly #clock: Clock;
  readonly #lanes: (MortalLane | undefined)[];
  readonly #keepers: Promise<void>[];
  readonly #stopping = new AbortController();

  constructor(
    size: number,
    open: (lane: number) => MortalLane,
    onReplaced: OnReplaced,
    clock: Clock,
  ) {
    this.size = size;
    this.#open = open;
    this.#onReplaced = onReplaced;
    this.#clock = clock;
    this.#lanes = new Array(size).fill(undefined);
    this.#keepers = Array.from({ length: size }, (_, lane) => this.#keep(lane));
  }

  scrape(target: ScrapeTarget, atMs: number, signal: AbortSignal): Promise<ScrapeReport> {
    const lane = this.#lanes[this.laneOf(target.key)];
    if (lane !== undefined) return lane.scrape(target, atMs, signal);
    return Promise.resolve(laneFailure("the lane is being replaced", 0, nothingTaken()));
  }

  forget(key: string): void {
    this.#lanes[this.laneOf(key)]?.forget(key);
  }

  laneOf(key: string): number {
    return hashKey(key, LANE_SEED) % this.size;
  }

  ready(lane: number): boolean {
    return this.#lanes[lane] !== undefined;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#lanes.map((lane) => lane?.stop()));
    await Promise.all(this.#keepers);
  }

  /** Keeps one place filled until the pool stops. */
  async #keep(lane: number): Promise<void> {
    let shortLives = 0;
    while (!this.#stopping.signal.aborted) {
      const bornMs = this.#clock.monotonic();
      const open = this.#open(lane);
      this.#lanes[lane] = open;
      const reason = await open.ended;
      this.#lanes[lane] = undefined;
      if (this.#stopping.signal.aborted) return;
      shortLives = this.#clock.monotonic() - bornMs < STEADY_MS ? shortLives + 1 : 0;
      this.replaced++;
      const pauseMs = pauseAfter(shortLives);
      this.#onReplaced(lane, reason, pauseMs);
      await this.#clock.sleep(pauseMs, this.#stopping.signal);
    }
  }
}

/** The pool of the agent: each lane a thread that scrapes. */
export function threadPool(
  settings: LaneSettings,
  onPayload: OnPayload,
  onReplaced: OnReplaced,
  clock: Clock,
): LanePool {
  const entry =
    BUILD_KIND === "compiled"
      ? new URL("./lane-worker.js", import.meta.url)
      : new URL("./lane-worker.ts", import.meta.url);
  const open = () => new ThreadLane(settings, entry, onPayload, clock);
  return new LanePool(settings.lanes, open, onReplaced, clock);
}

function pauseAfter(shortLives: number): number {
  if (shortLives === 0) return 0;
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (shortLives - 1));
}
