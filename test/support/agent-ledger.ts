import { type MetricSample, metricSum } from "./metrics-page.ts";

/** The ledger as the agent's `/metrics` tells it, for all targets and one destination. */
export interface AgentLedger {
  readonly lines: number;
  readonly blank: number;
  readonly comments: number;
  readonly malformed: number;
  readonly samples: number;
  readonly sent: number;
  readonly filtered: number;
  readonly dropped: number;
  /** Samples taken for delivery. */
  readonly enqueuedSamples: number;
  /** Points taken for delivery; the rest are points too. */
  readonly enqueued: number;
  readonly delivered: number;
  readonly queued: number;
  readonly lost: number;
}

export function readLedger(samples: readonly MetricSample[]): AgentLedger {
  const sum = (name: string, labels: Readonly<Record<string, string>> = {}) =>
    metricSum(samples, `promline_${name}`, labels);
  return {
    lines: sum("lines_read_total"),
    blank: sum("lines_total", { fate: "blank" }),
    comments: sum("lines_total", { fate: "comment" }),
    malformed: sum("lines_malformed_total"),
    samples: sum("lines_total", { fate: "sample" }),
    sent: sum("samples_sent_total"),
    filtered: sum("samples_filtered_total"),
    dropped: sum("samples_dropped_total"),
    enqueuedSamples: sum("delivery_enqueued_samples_total"),
    enqueued: sum("delivery_enqueued_points_total"),
    delivered: sum("delivery_sent_points_total"),
    queued: sum("delivery_queued_points"),
    lost: sum("delivery_lost_points_total"),
  };
}

/**
 * Columns that do not add up, as sentences; empty where the ledger balances. What a scrape sends is taken for delivery while it
 * runs and counted for it when it ends: between the two, delivery is ahead.
 */
export function ledgerFaults(ledger: AgentLedger): readonly string[] {
  const { lines, blank, comments, malformed, samples } = ledger;
  const { sent, filtered, dropped, enqueuedSamples, enqueued, delivered, queued, lost } = ledger;
  const rules: readonly (readonly [string, number, number])[] = [
    ["lines", lines, blank + comments + malformed + samples],
    ["samples", samples, sent + filtered + dropped],
    ["samples for delivery", Math.min(enqueuedSamples, sent), sent],
    ["points for delivery", enqueued, delivered + queued + lost],
  ];
  return rules
    .filter(([, whole, parts]) => whole !== parts)
    .map(([name, whole, parts]) => `${name}: ${whole}, but its parts are ${parts}`);
}

/** Counts of all lives of a queue, this one included, as the last one's `/metrics` tells them. */
export function readOverLives(samples: readonly MetricSample[]) {
  const previous = (measure: string, fate: string) =>
    metricSum(samples, `promline_ledger_previous_${measure}`, { fate });
  const now = (name: string) => metricSum(samples, `promline_${name}`);
  return {
    read: previous("lines", "read") + now("lines_read_total"),
    linesOut: ["sent", "filtered", "dropped", "malformed", "comment", "blank"].reduce(
      (all, fate) => all + previous("lines", fate),
      metricSum(samples, "promline_lines_total"),
    ),
    filtered: previous("lines", "filtered") + now("samples_filtered_total"),
    enqueued: previous("points", "enqueued") + now("delivery_enqueued_points_total"),
    found: previous("points", "found"),
    sent: previous("points", "sent") + now("delivery_sent_points_total"),
    lost: previous("points", "lost") + now("delivery_lost_points_total"),
    unknown: previous("points", "unknown"),
    queued: now("delivery_queued_points"),
    lives: now("ledger_previous_lives"),
    cut: now("ledger_previous_lives_cut"),
    uncountedMs: now("ledger_previous_uncounted_seconds") * 1000,
    kept: now("ledger_kept"),
  };
}

/** Sums over all lives that do not come out, as sentences. */
export function overLivesFaults(ledger: ReturnType<typeof readOverLives>): readonly string[] {
  const { read, linesOut, enqueued, found, sent, lost, unknown, queued } = ledger;
  const rules: readonly (readonly [string, number, number])[] = [
    ["lines", read, linesOut],
    ["points", enqueued + found, sent + lost + unknown + queued],
  ];
  return rules
    .filter(([, whole, parts]) => whole !== parts)
    .map(
      ([name, whole, parts]) => `${name} over all lives: ${whole}, but their parts are ${parts}`,
    );
}
