import { BUILD_KIND } from "../build-kind.ts";
import type { Clock } from "../clock.ts";
import type { ScrapeReport } from "../scrape/scrape-report.ts";
import type { ScrapeTarget } from "../scrape/scrape-target.ts";
import type { Lanes, OnPayload } from "./lane.ts";
import { laneFailure, nothingTaken } from "./lane-failure.ts";
import { homeOf } from "./lane-home.ts";
import { LanePlace, type MortalLane } from "./lane-place.ts";
import type { LaneSettings } from "./lane-settings.ts";
import { ThreadLane } from "./thread-lane.ts";

/** Called when a lane has died and is about to be replaced, `inMs` milliseconds from now. */
export type OnReplaced = (lane: number, reason: string, inMs: number) => void;

/** Opens a lane that may remember `shareBytes` of series seen before. */
export type OpenLane = (lane: number, shareBytes: number) => MortalLane;

/** What a lane had to do since it was asked last. */
export interface LaneLoad {
  /** From 0 to 1. */
  readonly busy: number;
  /** That were scraped in it last. */
  readonly targets: number;
}

/**
 * Lanes that are threads: sends each target to its own, and replaces those that die. Their number can change: then only the
 * targets move that must, each with its next scrape, and the memory for series seen before is shared anew.
 */
export class LanePool implements Lanes {
  /** Lanes that died and were replaced since the start. */
  replaced = 0;
  readonly #open: OpenLane;
  readonly #onReplaced: OnReplaced;
  readonly #clock: Clock;
  readonly #replayBytes: number;
  #places: LanePlace[] = [];
  #size = 0;
  readonly #leaving = new Set<LanePlace>();
  /** The lane each target was scraped in last, which may keep something for it. */
  readonly #homes = new Map<string, MortalLane>();
  #stopped = false;

  constructor(
    size: number,
    open: OpenLane,
    onReplaced: OnReplaced,
    clock: Clock,
    replayBytes: number,
  ) {
    this.#open = open;
    this.#onReplaced = onReplaced;
    this.#clock = clock;
    this.#replayBytes = replayBytes;
    this.#grow(size);
  }

  get size(): number {
    return this.#size;
  }

  scrape(target: ScrapeTarget, atMs: number, signal: AbortSignal): Promise<ScrapeReport> {
    const lane = this.#places[this.laneOf(target.key)]?.lane;
    if (lane === undefined) {
      return Promise.resolve(laneFailure("the lane is being replaced", 0, nothingTaken()));
    }
    const home = this.#homes.get(target.key);
    if (home !== lane) {
      home?.forget(target.key);
      this.#homes.set(target.key, lane);
    }
    return lane.scrape(target, atMs, signal);
  }

  forget(key: string): void {
    this.#homes.get(key)?.forget(key);
    this.#homes.delete(key);
  }

  laneOf(key: string): number {
    return homeOf(key, this.size);
  }

  /** A lane that is no more is ready: its targets have another. */
  ready(lane: number): boolean {
    const place = this.#places[lane];
    return place === undefined || place.lane !== undefined;
  }

  /** Resolves when lanes that are too many have ended their scrapes. Not to be called again before. */
  async resize(size: number): Promise<void> {
    if (this.#stopped || size === this.size) return;
    if (size > this.size) {
      this.#grow(size);
      return;
    }
    this.#size = size;
    const gone = this.#places.splice(size);
    for (const place of gone) this.#leaving.add(place);
    await Promise.all(gone.map((place) => place.retire()));
    for (const place of gone) this.#leaving.delete(place);
    this.#tellShares();
  }

  /** One entry a lane. */
  loads(): LaneLoad[] {
    const targets = new Map<MortalLane, number>();
    for (const lane of this.#homes.values()) targets.set(lane, (targets.get(lane) ?? 0) + 1);
    return this.#places.map(({ lane }) =>
      lane === undefined
        ? { busy: 0, targets: 0 }
        : { busy: lane.busy(), targets: targets.get(lane) ?? 0 },
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#places, ...this.#leaving].map((place) => place.stop()));
  }

  /** Those that are there make room before the others begin. */
  #grow(size: number): void {
    this.#size = size;
    this.#tellShares();
    while (this.#places.length < size) this.#places.push(this.#place(this.#places.length));
  }

  #place(lane: number): LanePlace {
    return new LanePlace(
      () => this.#open(lane, this.#shareBytes()),
      (reason, inMs) => {
        this.replaced++;
        this.#onReplaced(lane, reason, inMs);
      },
      this.#clock,
    );
  }

  #tellShares(): void {
    for (const { lane } of this.#places) lane?.share(this.#shareBytes());
  }

  #shareBytes(): number {
    return Math.floor(this.#replayBytes / this.#size);
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
  const open: OpenLane = (_lane, shareBytes) =>
    new ThreadLane(settings, entry, onPayload, clock, shareBytes);
  return new LanePool(settings.lanes, open, onReplaced, clock, settings.replayBytes);
}
