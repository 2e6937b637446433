import { type BackOff, backOffMs } from "../back-off.ts";
import type { Clock } from "../clock.ts";
import { MINUTE, SECOND } from "../units.ts";
import type { Lane } from "./lane.ts";

/** A lane that lived this long is replaced at once; one that did not, after a pause. */
const STEADY_MS = MINUTE;
const SHORT_LIVES: BackOff = { firstMs: SECOND, longestMs: 30 * SECOND };

/** A lane that can die, and that can be told how much it may remember. */
export interface MortalLane extends Lane {
  /** Resolves with the reason when it is dead, never rejects. */
  readonly ended: Promise<string>;
  /** Resolves when it cannot keep within its share and must be replaced for that; usually never. */
  readonly outgrown: Promise<undefined>;
  /** Its share of the memory for series seen before, from now on. */
  share(replayBytes: number): void;
  /** The part of the time, from 0 to 1, in which its thread had something to do since this was asked last. */
  busy(): number;
  /** Waits for what runs, then stops. Nothing more may be given to it. */
  retire(): Promise<void>;
}

/** What a place tells: its lane died and is about to be replaced, `inMs` milliseconds from now. */
export type OnDeath = (reason: string, inMs: number) => void;

/** One of the pool's lanes: replaced when it dies, or when it holds more memory than is its share. */
export class LanePlace {
  readonly #open: () => MortalLane;
  readonly #onDeath: OnDeath;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #leaving = new Set<MortalLane>();
  readonly #keeper: Promise<void>;
  #lane: MortalLane | undefined;

  constructor(open: () => MortalLane, onDeath: OnDeath, clock: Clock) {
    this.#open = open;
    this.#onDeath = onDeath;
    this.#clock = clock;
    this.#keeper = this.#keep();
  }

  /** Undefined while one that died has not been replaced, and after the end. */
  get lane(): MortalLane | undefined {
    return this.#lane;
  }

  /** Ends when the scrapes that run have ended. */
  async retire(): Promise<void> {
    this.#closing.abort();
    const lane = this.#lane;
    this.#lane = undefined;
    if (lane !== undefined) await this.#leave(lane);
    await this.#keeper;
  }

  /** Ends now: what runs is aborted. */
  async stop(): Promise<void> {
    this.#closing.abort();
    await Promise.all([this.#lane?.stop(), ...[...this.#leaving].map((lane) => lane.stop())]);
    await this.#keeper;
  }

  async #keep(): Promise<void> {
    let shortLives = 0;
    while (!this.#closing.signal.aborted) {
      const bornMs = this.#clock.monotonic();
      const lane = this.#open();
      this.#lane = lane;
      const reason = await Promise.race([lane.ended, lane.outgrown]);
      if (this.#closing.signal.aborted) break;
      if (reason === undefined) {
        // The next takes over at once; this one ends its scrapes.
        void this.#leave(lane);
        continue;
      }
      this.#lane = undefined;
      shortLives = this.#clock.monotonic() - bornMs < STEADY_MS ? shortLives + 1 : 0;
      const pauseMs = backOffMs(SHORT_LIVES, shortLives);
      this.#onDeath(reason, pauseMs);
      await this.#clock.sleep(pauseMs, this.#closing.signal);
    }
    this.#lane = undefined;
  }

  async #leave(lane: MortalLane): Promise<void> {
    this.#leaving.add(lane);
    await lane.retire();
    this.#leaving.delete(lane);
  }
}
