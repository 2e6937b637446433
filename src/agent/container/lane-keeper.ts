import type { Clock } from "../../clock.ts";
import type { LanePool } from "../../lanes/lane-pool.ts";
import { SECOND } from "../../units.ts";
import { LaneDemand } from "./lane-demand.ts";
import type { MemoryPlan } from "./memory-plan.ts";

const BEAT_MS = 5 * SECOND;
const MICROS_PER_MS = 1000;

/** What is asked of the pool. */
export type ElasticLanes = Pick<LanePool, "size" | "loads" | "resize">;

/** Adds and removes lanes as their work asks for, within the plan. */
export class LaneKeeper {
  readonly #lanes: ElasticLanes;
  readonly #plan: MemoryPlan;
  readonly #clock: Clock;
  readonly #changed: (lanes: number, before: number) => void;
  readonly #cpuMs: () => number;

  /** `changed` is called after each change; `cpuMs` tells the CPU time of the process. */
  constructor(
    lanes: ElasticLanes,
    plan: MemoryPlan,
    clock: Clock,
    changed: (lanes: number, before: number) => void,
    cpuMs = processCpuMs,
  ) {
    this.#lanes = lanes;
    this.#plan = plan;
    this.#clock = clock;
    this.#changed = changed;
    this.#cpuMs = cpuMs;
  }

  /** Until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { lanes, processors } = this.#plan;
    if (lanes.least === lanes.most) return;
    const demand = new LaneDemand(lanes, processors.value);
    let cpuMs = this.#cpuMs();
    let atMs = this.#clock.monotonic();
    for (;;) {
      await this.#clock.sleep(BEAT_MS, signal);
      if (signal.aborted) return;
      const [cpuNowMs, nowMs] = [this.#cpuMs(), this.#clock.monotonic()];
      const processorsUsed = (cpuNowMs - cpuMs) / Math.max(1, nowMs - atMs);
      [cpuMs, atMs] = [cpuNowMs, nowMs];
      await this.#resize(demand.after({ loads: this.#lanes.loads(), processorsUsed }));
    }
  }

  async #resize(size: number): Promise<void> {
    const before = this.#lanes.size;
    if (size === before) return;
    const resizing = this.#lanes.resize(size);
    this.#changed(size, before);
    await resizing;
  }
}

function processCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / MICROS_PER_MS;
}
