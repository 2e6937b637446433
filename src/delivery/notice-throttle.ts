import type { Clock } from "../clock.ts";
import { MINUTE } from "../units.ts";

const INTERVAL = MINUTE;

/** Lets each kind of notice through once a minute and counts those it held back. Kinds are few: literals times destinations. */
export class NoticeThrottle {
  readonly #clock: Clock;
  readonly #kinds = new Map<string, { at: number; suppressed: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many were held back since the last one of this kind; undefined: hold this one back too. */
  pass(kind: string): number | undefined {
    const now = this.#clock.monotonic();
    const last = this.#kinds.get(kind);
    if (last !== undefined && now - last.at < INTERVAL) {
      last.suppressed += 1;
      return undefined;
    }
    this.#kinds.set(kind, { at: now, suppressed: 0 });
    return last?.suppressed ?? 0;
  }
}
