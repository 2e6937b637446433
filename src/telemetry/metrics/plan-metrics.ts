import Gauge from "prom-client/lib/gauge.js";
import type Registry from "prom-client/lib/registry.js";
import { SumCounter } from "./sum-counter.ts";

/** What the process has planned for itself at its start, and the lanes there are now. */
export interface PlanNumbers {
  readonly lanes: number;
  readonly lanesAtMost: number;
  /** Bytes by part: `limit`, `needed`, `replay`, `delivery`, `lane_heap`. */
  readonly bytes: Readonly<Record<string, number>>;
}

/** The memory plan and the lanes. */
export class PlanMetrics {
  readonly #changes: SumCounter<[string]>;

  /** `numbers` is asked for each time the metrics are read. */
  constructor(registers: Registry[], numbers: () => PlanNumbers) {
    new Gauge({
      name: "promline_lanes",
      help: "Threads that scrape, now.",
      registers,
      collect() {
        this.set(numbers().lanes);
      },
    });
    new Gauge({
      name: "promline_lanes_most",
      help: "Threads that may scrape, by the memory and the processors of the container.",
      registers,
      collect() {
        this.set(numbers().lanesAtMost);
      },
    });
    new Gauge({
      name: "promline_memory_plan_bytes",
      help: "Memory as planned at the start, by part; needed: the most that all parts and the process itself may take.",
      labelNames: ["part"],
      registers,
      collect() {
        for (const [part, bytes] of Object.entries(numbers().bytes)) this.set({ part }, bytes);
      },
    });
    this.#changes = new SumCounter<[string]>(
      "promline_lane_changes_total",
      "Changes of the number of lanes, by direction: more or fewer.",
      ["direction"],
      registers,
    );
  }

  recordChange(direction: "more" | "fewer"): void {
    this.#changes.add(1, direction);
  }
}
