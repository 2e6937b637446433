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
  /** Points. */
  readonly offered: number;
  readonly delivered: number;
  readonly queued: number;
  readonly lost: number;
}

export function readLedger(samples: readonly MetricSample[]): AgentLedger {
  const sum = (name: string) => metricSum(samples, `promline_${name}`);
  return {
    lines: sum("scrape_lines_total"),
    blank: sum("scrape_blank_lines_total"),
    comments: sum("scrape_comment_lines_total"),
    malformed: sum("scrape_malformed_lines_total"),
    samples: sum("scrape_samples_total"),
    sent: sum("scrape_samples_sent_total"),
    filtered: sum("scrape_samples_filtered_total"),
    dropped: sum("scrape_samples_dropped_total"),
    offered: sum("delivery_offered_points_total"),
    delivered: sum("delivery_sent_points_total"),
    queued: sum("delivery_queued_points"),
    lost: sum("delivery_lost_points_total"),
  };
}

/** Columns that do not add up, as sentences; empty where the ledger balances. */
export function ledgerFaults(ledger: AgentLedger): readonly string[] {
  const { lines, blank, comments, malformed, samples } = ledger;
  const { sent, filtered, dropped, offered, delivered, queued, lost } = ledger;
  const rules: readonly (readonly [string, number, number])[] = [
    ["lines", lines, blank + comments + malformed + samples],
    ["samples", samples, sent + filtered + dropped],
    ["offered", offered, delivered + queued + lost],
  ];
  return rules
    .filter(([, whole, parts]) => whole !== parts)
    .map(([name, whole, parts]) => `${name}: ${whole}, but its parts are ${parts}`);
}
