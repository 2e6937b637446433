import Gauge from "prom-client/lib/gauge.js";
import type Registry from "prom-client/lib/registry.js";
import { optionalGauge } from "./optional-gauge.ts";

/** What earlier lives of the queue have counted. */
export interface PreviousAmounts {
  readonly lives: number;
  readonly cut: number;
  readonly uncountedMs: number;
  readonly isKept: boolean;
  readonly counts: readonly {
    readonly measure: "lines" | "points" | "samples" | "bytes";
    readonly destination: string;
    readonly category: string;
    readonly fate: string;
    readonly reason: string;
    readonly count: number;
  }[];
}

const LINES = ["fate", "reason"] as const;
const AMOUNT = ["destination", "category", ...LINES] as const;

/**
 * The ledger of earlier lives, as far as the disk tells of it. Counters are those of this life, as everywhere; with these gauges
 * the sums hold over all lives:
 *
 *     promline_ledger_previous_lines{fate="read"} = sum of the other fates
 *     promline_ledger_previous_points{fate="enqueued"} + {fate="found"}
 *         = {fate="sent"} + {fate="lost"} + {fate="unknown"} + promline_delivery_recovered_points_total
 */
export class PreviousMetrics {
  #amounts: () => PreviousAmounts | undefined = () => undefined;

  constructor(registers: Registry[]) {
    const amounts = () => this.#amounts();
    const single = (name: string, help: string, value: (now: PreviousAmounts) => number) =>
      optionalGauge(registers, `promline_ledger_${name}`, help, () => {
        const now = amounts();
        return now && value(now);
      });
    const each = (
      measure: PreviousAmounts["counts"][number]["measure"],
      labelNames: typeof LINES | typeof AMOUNT,
    ) =>
      new Gauge({
        name: `promline_ledger_previous_${measure}`,
        help: `The ${measure} of earlier lives by what became of them, as far as the disk tells.`,
        labelNames,
        registers,
        collect() {
          this.reset();
          for (const count of amounts()?.counts ?? []) {
            if (count.measure === measure) {
              this.labels(...labelNames.map((name) => count[name])).inc(count.count);
            }
          }
        },
      });
    each("lines", LINES);
    each("points", AMOUNT);
    each("samples", AMOUNT);
    each("bytes", AMOUNT);
    single("previous_lives", "Lives that the ledger on disk knows of.", ({ lives }) => lives);
    single(
      "previous_lives_cut",
      "Of these, lives whose last counts were not saved: killed, or without a disk at the end.",
      ({ cut }) => cut,
    );
    single(
      "previous_uncounted_seconds",
      "Time from the last saved counts of such lives to the next start: the most that no count covers.",
      ({ uncountedMs }) => uncountedMs / 1000,
    );
    single("kept", "1 while the next life will know the counts of this one.", ({ isKept }) =>
      isKept ? 1 : 0,
    );
  }

  /** Asked each time the metrics are read. */
  watch(amounts: () => PreviousAmounts | undefined): void {
    this.#amounts = amounts;
  }
}
