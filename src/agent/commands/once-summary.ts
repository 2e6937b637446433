import { malformedLines } from "../../points/line-counts.ts";
import { redactUrl } from "../../redact.ts";
import type { ScrapeReport } from "../../scrape/scrape-report.ts";
import type { OnceTotals } from "./once-totals.ts";

/** How the scrape of one URL went, for people: several lines, each with its line end. */
export function scrapeSummary(url: string, source: string, report: ScrapeReport): string {
  const { outcome, counts, faults } = report;
  const shown = /^https?:/i.test(url) ? redactUrl(url) : url;
  const went = outcome.kind === "ok" ? "ok" : `failed (${outcome.reason}): ${outcome.detail}`;
  const status = report.status === undefined ? "" : `, status ${report.status}`;
  const lines = [
    `${shown} [${source}]: ${went}${status}`,
    `  bytes      ${report.wireBytes} received, ${report.bodyBytes} read in ${report.durationMs.toFixed(0)} ms`,
    `  lines      ${counts.lines}: ${counts.samples} samples, ${counts.comments} comments, ${counts.blank} blank, ${malformedLines(counts)} malformed`,
    `  kept       ${counts.sent} samples in ${counts.points} points`,
    `  filtered   ${parts(counts.filtered)}`,
    `  dropped    ${parts(counts.dropped)}`,
    `  malformed  ${parts(counts.malformed)}`,
    ...faults.map(({ line, reason, excerpt }) => `    line ${line}: ${reason}: ${excerpt}`),
  ];
  return `${lines.join("\n")}\n`;
}

export function totalsSummary(totals: OnceTotals): string {
  const names = totals.measurements;
  const listed = names.length === 0 ? "" : ` (${names.join(", ")})`;
  return `total: ${totals.series} series, ${totals.points} points, ${names.length} measurements${listed}\n`;
}

/** `3 by metric_types, 1 by metric_name_filter`, or `0`. */
function parts(counts: Readonly<Record<string, number | undefined>>): string {
  const named = Object.entries(counts).filter(([, count]) => (count ?? 0) > 0);
  return named.length === 0 ? "0" : named.map(([name, count]) => `${count} ${name}`).join(", ");
}
