import Counter from "prom-client/lib/counter.js";
import Gauge from "prom-client/lib/gauge.js";
import Histogram from "prom-client/lib/histogram.js";
import Registry from "prom-client/lib/registry.js";
import { VERSION } from "../../version.ts";
import type { ScrapeTally, TargetHealthCounts } from "../scrape-tally.ts";
import { type BuildParts, registerBuildMetrics } from "./build-metrics.ts";
import { ClockMetrics } from "./clock-metrics.ts";
import { DeliveryMetrics } from "./delivery-metrics.ts";
import { type LineTotal, LineTotals } from "./line-totals.ts";
import { PlanMetrics, type PlanNumbers } from "./plan-metrics.ts";
import { PodMetrics, type PodNumbers } from "./pod-metrics.ts";
import { PreviousMetrics } from "./previous-metrics.ts";
import { registerProcessMetrics } from "./process-metrics.ts";
import { QueueMetrics } from "./queue-metrics.ts";
import { SumCounter } from "./sum-counter.ts";

const DURATION_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * The numbers of the process. The ledger of its scrapes, each side kept as a metric so that it can be checked:
 *
 *     promline_lines_read_total = sum of promline_lines_total over fate
 *     promline_lines_total{fate="sample"} = promline_samples_sent_total
 *         + sum of promline_samples_filtered_total + sum of promline_samples_dropped_total
 *     promline_lines_total{fate="malformed"} = sum of promline_lines_malformed_total
 *
 * and goes on in `DeliveryMetrics`. No label names a target: those numbers are in /api/v1/targets. Everything is counted once a
 * scrape, nothing once a sample.
 */
export class AgentMetrics {
  readonly clock: ClockMetrics;
  readonly delivery: DeliveryMetrics;
  readonly queue: QueueMetrics;
  readonly previous: PreviousMetrics;
  readonly #registry = new Registry();
  readonly #registers = [this.#registry];
  readonly #totals = new LineTotals();

  readonly #linesRead = this.#counter("promline_lines_read_total", "Lines read from pages.");
  readonly #lines = this.#labelled(
    "promline_lines_total",
    "Lines read from pages by what they turned out to be.",
    "fate",
  );
  readonly #malformed = this.#labelled(
    "promline_lines_malformed_total",
    "Lines skipped because they are malformed, by reason.",
    "reason",
  );
  readonly #filtered = this.#labelled(
    "promline_samples_filtered_total",
    "Samples kept out by a declared rule.",
    "rule",
  );
  readonly #dropped = this.#labelled(
    "promline_samples_dropped_total",
    "Samples that make no point although no rule filtered them, by reason.",
    "reason",
  );
  readonly #sent = this.#counter(
    "promline_samples_sent_total",
    "Samples that became part of a point and were handed to delivery.",
  );
  readonly #points = this.#counter(
    "promline_points_total",
    "Points made of samples: lines of line protocol.",
  );
  readonly #timesCorrected = this.#counter(
    "promline_times_corrected_total",
    "Points that carry the time of their scrape because their own was more than 2 h from it.",
  );
  readonly #wireBytes = this.#counter(
    "promline_scrape_wire_bytes_total",
    "Bytes of page bodies as received, before decompression.",
  );
  readonly #bodyBytes = this.#counter(
    "promline_scrape_body_bytes_total",
    "Bytes of page bodies after decompression.",
  );
  readonly #outputBytes = this.#counter(
    "promline_output_bytes_total",
    "Bytes of line protocol before compression.",
  );
  readonly #compressedBytes = this.#counter(
    "promline_output_compressed_bytes_total",
    "Bytes of line protocol after compression.",
  );
  readonly #scrapes = this.#labelled(
    "promline_scrapes_total",
    "Finished scrapes by outcome: ok, or the reason of the failure.",
    "outcome",
  );
  readonly #missedTicks = this.#labelled(
    "promline_ticks_missed_total",
    "Scrapes that were due and did not begin, by reason.",
    "reason",
  );
  readonly #laneReplacements = this.#counter(
    "promline_lane_replacements_total",
    "Lanes that died and were replaced.",
  );
  readonly #confReloads = this.#labelled(
    "promline_conf_reloads_total",
    "Loads of conf.d after the first, by result: ok, kept (a file with errors, its last good version runs) or failed.",
    "result",
  );
  readonly #duration = new Histogram({
    name: "promline_scrape_duration_seconds",
    help: "Time from the start of a scrape to the end of its page.",
    buckets: DURATION_BUCKETS_SECONDS,
    registers: this.#registers,
  });

  /** `targets` is asked for each time the metrics are read. */
  constructor(targets: () => TargetHealthCounts) {
    this.clock = new ClockMetrics(this.#registers);
    this.delivery = new DeliveryMetrics(this.#registers);
    this.queue = new QueueMetrics(this.#registers);
    this.previous = new PreviousMetrics(this.#registers);
    registerProcessMetrics(this.#registers);
    new Gauge({
      name: "promline_targets",
      help: "Targets by how their last scrape went; unknown: not scraped yet.",
      labelNames: ["health"],
      registers: this.#registers,
      collect() {
        const { up, down, unknown } = targets();
        this.set({ health: "up" }, up);
        this.set({ health: "down" }, down);
        this.set({ health: "unknown" }, unknown);
      },
    });
    new Gauge({
      name: "promline_build_info",
      help: "1, with what runs as labels.",
      labelNames: ["version", "node_version"],
      registers: this.#registers,
    }).set({ version: VERSION, node_version: process.versions.node }, 1);
  }

  recordScrape({ outcome, counts, ...scrape }: ScrapeTally): void {
    this.#scrapes.add(1, outcome.kind === "ok" ? "ok" : outcome.reason);
    this.#duration.observe(scrape.durationMs / 1000);
    this.#wireBytes.add(scrape.wireBytes);
    this.#bodyBytes.add(scrape.bodyBytes);
    this.#outputBytes.add(scrape.outputBytes);
    this.#compressedBytes.add(scrape.compressedBytes);
    this.#totals.record(counts);
    this.#linesRead.add(counts.lines);
    this.#lines.add(counts.blank, "blank");
    this.#lines.add(counts.comments, "comment");
    this.#lines.add(counts.samples, "sample");
    this.#lines.add(addEach(this.#malformed, counts.malformed), "malformed");
    this.#sent.add(counts.sent);
    this.#points.add(counts.points);
    this.#timesCorrected.add(counts.timesCorrected);
    addEach(this.#filtered, counts.filtered);
    addEach(this.#dropped, counts.dropped);
  }

  /** What became of all lines so far, until the next scrape is recorded. */
  lines(): readonly LineTotal[] {
    return this.#totals.all;
  }

  recordMissedTick(reason: string, ticks: number): void {
    this.#missedTicks.add(ticks, reason);
  }

  recordLaneReplacement(): void {
    this.#laneReplacements.add(1);
  }

  recordConfReload(result: "ok" | "kept" | "failed"): void {
    this.#confReloads.add(1, result);
  }

  /** Says which parts are at work. Once. */
  showParts(parts: BuildParts): void {
    registerBuildMetrics(this.#registers, parts);
  }

  /** From now on there is a count of lines that the log could not write. Once. */
  watchLog(dropped: () => number): void {
    new Counter({
      name: "promline_log_lines_dropped_total",
      help: "Lines of the log that were dropped because their reader did not keep up or was gone.",
      registers: this.#registers,
      collect() {
        this.reset();
        this.inc(dropped());
      },
    });
  }

  /** From now on there are metrics of the memory plan. Once. */
  watchPlan(numbers: () => PlanNumbers): PlanMetrics {
    return new PlanMetrics(this.#registers, numbers);
  }

  /** From now on there are metrics of pods. Once. */
  watchPods(numbers: () => PodNumbers): PodMetrics {
    return new PodMetrics(this.#registers, numbers);
  }

  /** The page for `/metrics`, text format 0.0.4. */
  page(): Promise<string> {
    return this.#registry.metrics();
  }

  #counter(name: string, help: string): SumCounter {
    return new SumCounter(name, help, [], this.#registers);
  }

  #labelled(name: string, help: string, label: string): SumCounter<[string]> {
    return new SumCounter<[string]>(name, help, [label], this.#registers);
  }
}

/** `counter` has one label, named by the keys of `counts`. Gives their sum. */
function addEach(
  counter: SumCounter<[string]>,
  counts: ScrapeTally["counts"]["malformed"],
): number {
  let sum = 0;
  for (const reason of Object.keys(counts)) {
    const count = counts[reason] ?? 0;
    counter.add(count, reason);
    sum += count;
  }
  return sum;
}
