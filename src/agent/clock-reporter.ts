import type { ClockObserver } from "../delivery/clock/clock-sync.ts";
import type { ClockFailure } from "../delivery/clock/dataway-clock.ts";
import type { Log } from "../telemetry/log/log.ts";
import type { ClockMetrics } from "../telemetry/metrics/clock-metrics.ts";
import type { ShiftedClock } from "./shifted-clock.ts";

/** Shifts the clock that scrapes go by, and says so in metrics and log. */
export class ClockReporter implements ClockObserver {
  readonly #clock: ShiftedClock;
  readonly #metrics: ClockMetrics;
  readonly #log: Log;
  /** What was said last of each address, so that it is said once. */
  readonly #said = new Map<string, ClockFailure>();

  constructor(clock: ShiftedClock, metrics: ClockMetrics, log: Log) {
    this.#clock = clock;
    this.#metrics = metrics;
    this.#log = log;
  }

  read(address: string, offsetMs: number): void {
    this.#metrics.recordRead(offsetMs);
    if (this.#said.delete(address)) {
      this.#log.info({ address }, "DataWay tells its time again");
    }
  }

  unread(address: string, reason: ClockFailure, detail: string): void {
    this.#metrics.recordUnread(reason);
    if (this.#said.get(address) !== reason) {
      this.#said.set(address, reason);
      const fields = { address, reason, detail, shiftMs: this.#clock.shiftMs };
      this.#log.warn(fields, "DataWay does not tell its time: times of scrapes stay as they are");
    }
  }

  shifted(address: string, shiftMs: number): void {
    const fields = { address, shiftMs, beforeMs: this.#clock.shiftMs };
    this.#clock.shiftMs = shiftMs;
    this.#metrics.recordShift(shiftMs);
    if (shiftMs === 0) {
      this.#log.info(fields, "clock of this node agrees with DataWay's again");
    } else {
      this.#log.warn(fields, "clock of this node is not DataWay's: times of scrapes are shifted");
    }
  }
}
