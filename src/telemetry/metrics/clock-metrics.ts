import Counter from "prom-client/lib/counter.js";
import Gauge from "prom-client/lib/gauge.js";
import type Registry from "prom-client/lib/registry.js";

/** What the destination's clock says of this node's. */
export class ClockMetrics {
  readonly #shift: Gauge;
  readonly #offset: Gauge;
  readonly #reads: Counter<"result">;

  constructor(registers: Registry[]) {
    this.#shift = new Gauge({
      name: "promline_clock_shift_seconds",
      help: "By how much the times of scrapes are shifted; 0 while the clock of this node is near enough.",
      registers,
    });
    this.#offset = new Gauge({
      name: "promline_clock_offset_seconds",
      help: "How far DataWay's clock was ahead of this node's when it last answered.",
      registers,
    });
    this.#reads = new Counter({
      name: "promline_clock_reads_total",
      help: "Times DataWay was asked for its time, by result: read, or why not.",
      labelNames: ["result"],
      registers,
    });
    // Nothing is known before the first answer.
    this.#offset.remove();
  }

  recordRead(offsetMs: number): void {
    this.#offset.set(offsetMs / 1000);
    this.#reads.inc({ result: "read" });
  }

  recordUnread(reason: string): void {
    this.#reads.inc({ result: reason });
  }

  recordShift(shiftMs: number): void {
    this.#shift.set(shiftMs / 1000);
  }
}
