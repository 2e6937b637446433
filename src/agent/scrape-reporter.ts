import type { ScrapeReport } from "../scrape/scrape-report.ts";
import type { ScrapeTarget } from "../scrape/scrape-target.ts";
import type { TargetsView } from "../telemetry/admin/targets-view.ts";
import type { ThrottledLog } from "../telemetry/log/throttled-log.ts";
import type { AgentMetrics } from "../telemetry/metrics/metrics.ts";
import type { MissReason, SchedulerEvents, Tick } from "./schedule/scheduler.ts";

/** What people are told of a target. */
export interface TargetNames {
  readonly url: string;
  readonly source: string;
}

/** Turns what the scheduler tells into metrics, target states and log lines. */
export class ScrapeReporter implements SchedulerEvents {
  readonly #metrics: AgentMetrics;
  readonly #view: TargetsView;
  readonly #log: ThrottledLog;
  readonly #namesOf: (key: string) => TargetNames | undefined;
  readonly #recorded: (key: string, report: ScrapeReport) => void;
  readonly #failing = new Set<string>();

  constructor(
    metrics: AgentMetrics,
    view: TargetsView,
    log: ThrottledLog,
    namesOf: (key: string) => TargetNames | undefined,
    recorded: (key: string, report: ScrapeReport) => void,
  ) {
    this.#metrics = metrics;
    this.#view = view;
    this.#log = log;
    this.#namesOf = namesOf;
    this.#recorded = recorded;
  }

  onReport({ key }: ScrapeTarget, tick: Tick, report: ScrapeReport): void {
    this.#metrics.recordScrape(report);
    this.#recorded(key, report);
    const names = this.#namesOf(key);
    if (names === undefined) {
      // Removed while it was scraped: nobody waits to hear how that went.
      this.#failing.delete(key);
      return;
    }
    this.#view.recordScrape(key, report, tick.atMs);
    if (report.outcome.kind === "failed") {
      const { reason, detail } = report.outcome;
      this.#failing.add(key);
      const fields = { ...names, reason, detail };
      this.#log.say("warn", `scrape failed ${key} ${reason}`, "scrape failed", fields);
    } else if (this.#failing.delete(key)) {
      this.#log.say("info", `scrape recovered ${key}`, "scrape works again", { ...names });
    }
    const [fault] = report.faults;
    if (fault !== undefined && report.outcome.kind === "ok") {
      const fields = { ...names, malformed: report.counts.malformed, first: fault };
      this.#log.say("warn", `malformed ${key}`, "malformed lines were skipped", fields);
    }
  }

  onMissed({ key }: ScrapeTarget, reason: MissReason, ticks: number): void {
    this.#metrics.recordMissedTick(reason, ticks);
    this.#view.recordMissedTick(key, reason, ticks);
    const fields = { ...this.#namesOf(key), reason, ticks };
    this.#log.say("warn", `missed ${key} ${reason}`, "scrape missed its tick", fields);
  }
}
