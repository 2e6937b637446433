import type { Clock } from "../../clock.ts";
import { SECOND } from "../../units.ts";
import type { ClockFailure, ClockReading } from "./dataway-clock.ts";

/** Answers are whole seconds: by less than this they differ without meaning anything. */
const NOISE = 2 * SECOND;
const FIRST_PAUSE = 10 * SECOND;

export interface ClockSource {
  readonly address: string;
  read(signal: AbortSignal): Promise<ClockReading>;
  close(): Promise<void>;
}

export interface ClockSyncParts {
  /** At least one. They are asked in this order until one answers. */
  readonly sources: readonly ClockSource[];
  readonly intervalMs: number;
  /** A difference less than this is left to the clock of this node. */
  readonly leastOffsetMs: number;
  readonly clock: Clock;
  readonly observer: ClockObserver;
}

/** Told what the questions brought. Calls are synchronous and hold no secret. */
export interface ClockObserver {
  /** `offsetMs`: how far its clock is ahead of ours. */
  read(address: string, offsetMs: number): void;
  unread(address: string, reason: ClockFailure, detail: string): void;
  /** From now on times are to be shifted by this: whole seconds, 0 where the clocks agree. */
  shifted(address: string, shiftMs: number): void;
}

/**
 * Finds out by how much the clock of this node has to be shifted to be the destination's (specification, 5.7), at the start and
 * each interval. A question that fails changes nothing; it is asked again after a pause that grows up to the interval.
 */
export class ClockSync {
  readonly #parts: ClockSyncParts;
  readonly #ended = new AbortController();
  #running: Promise<void> | undefined;
  #shiftMs = 0;

  constructor(parts: ClockSyncParts) {
    this.#parts = parts;
  }

  /** Asks in the background: nobody waits for an answer. */
  start(): void {
    this.#running ??= this.#run(this.#ended.signal);
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#running;
    for (const source of this.#parts.sources) {
      await source.close();
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs } = this.#parts;
    let pause = FIRST_PAUSE;
    while (!signal.aborted) {
      const read = await this.#ask(signal);
      await clock.sleep(read ? intervalMs : Math.min(pause, intervalMs), signal);
      pause = read ? FIRST_PAUSE : 2 * pause;
    }
  }

  async #ask(signal: AbortSignal): Promise<boolean> {
    const { sources, observer } = this.#parts;
    for (const source of sources) {
      const reading = await source.read(signal);
      if (signal.aborted) {
        return false;
      }
      if (reading.kind === "read") {
        observer.read(source.address, reading.offsetMs);
        this.#apply(source.address, reading.offsetMs);
        return true;
      }
      observer.unread(source.address, reading.reason, reading.detail);
    }
    return false;
  }

  #apply(address: string, offsetMs: number): void {
    const { leastOffsetMs, observer } = this.#parts;
    // Each change is a step of every series' clock: what stays about the same stays.
    if (Math.abs(offsetMs - this.#shiftMs) < NOISE) {
      return;
    }
    const whole = Math.round(offsetMs / SECOND) * SECOND;
    const shiftMs = Math.abs(whole) < leastOffsetMs ? 0 : whole;
    if (shiftMs !== this.#shiftMs) {
      this.#shiftMs = shiftMs;
      observer.shifted(address, shiftMs);
    }
  }
}
