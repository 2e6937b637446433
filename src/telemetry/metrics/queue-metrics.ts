import type Registry from "prom-client/lib/registry.js";
import { optionalGauge } from "./optional-gauge.ts";

/** The disk behind the queues, at one moment. */
export interface QueueAmounts {
  /** False: what waits is in memory only. */
  readonly writes: boolean;
  readonly diskBytes: number;
  readonly diskLimit: number;
  /** Infinite while it does not grow. */
  readonly fullInMs: number;
  readonly bodiesOnlyInMemory: number;
  readonly afterCrash: boolean;
  readonly damagedRecords: number;
}

/** Gauges of the disk queue; without one they have no value. */
export class QueueMetrics {
  #amounts: () => QueueAmounts | undefined = () => undefined;

  constructor(registers: Registry[]) {
    const gauge = (name: string, help: string, value: (amounts: QueueAmounts) => number) =>
      optionalGauge(registers, `promline_queue_${name}`, help, () => {
        const now = this.#amounts();
        return now && value(now);
      });
    gauge(
      "writable",
      "1 while what waits is written to disk, 0 while memory alone holds it.",
      (now) => (now.writes ? 1 : 0),
    );
    gauge("disk_bytes", "Bytes of the queue on disk.", (now) => now.diskBytes);
    gauge(
      "disk_limit_bytes",
      "What these may grow to, by settings and free disk.",
      (now) => now.diskLimit,
    );
    gauge(
      "full_in_seconds",
      "Time until the disk queue is full at its present growth.",
      (now) => now.fullInMs / 1000,
    );
    gauge(
      "after_crash",
      "1 when the life before this one was not stopped: points of its last moments may be missing, uncounted.",
      (now) => (now.afterCrash ? 1 : 0),
    );
    gauge(
      "damaged_records",
      "Records that the start found unreadable; how many points were in them is not known.",
      (now) => now.damagedRecords,
    );
    gauge("memory_only_bodies", "Bodies that a crash would lose.", (now) => now.bodiesOnlyInMemory);
  }

  /** Asked each time the metrics are read. */
  watch(amounts: () => QueueAmounts | undefined): void {
    this.#amounts = amounts;
  }
}
