import type { PageSink } from "../page-sink.ts";
import { PageTransform } from "../points/page-transform.ts";
import type { PayloadWriter } from "../points/payload-writer.ts";
import { NO_SERIES_LIMITS } from "../rules/relabel/series-config.ts";
import type { RulesConfig } from "../rules/rules-config.ts";
import { compileRules } from "../rules/rules-program.ts";
import type { ScrapeReport } from "./scrape-report.ts";
import type { ScrapeTarget } from "./scrape-target.ts";
import { SeriesWatch } from "./series-watch.ts";

const encoder = new TextEncoder();

/**
 * What Prometheus says of each scrape beside `up`: `scrape_duration_seconds` and the like (`scrape_series`). They go through
 * naming, relabeling and tags as samples of the page do, but no filter by name or type and no limit stops them.
 */
export class OwnSeries {
  readonly #watch: SeriesWatch;
  readonly #transform: PageTransform;

  /** Undefined where the target is not asked for them, or makes no points at all. */
  static of(target: ScrapeTarget): OwnSeries | undefined {
    return target.ownSeries === true && target.page.kind !== "raw"
      ? new OwnSeries(target)
      : undefined;
  }

  private constructor({ rules, limits }: ScrapeTarget) {
    this.#watch = new SeriesWatch(limits.lineBytes);
    this.#transform = new PageTransform(compileRules(ownRules(rules)).program, limits);
  }

  /** A page begins, on its way to `sink`. */
  over(sink: PageSink): PageSink {
    return this.#watch.over(sink);
  }

  /** The page is over. Once for each page. */
  end(whole: boolean): number {
    return this.#watch.end(whole);
  }

  /** Emits the points of a scrape that began at `atMs` by way of `output`, which has just begun. */
  async emit(
    report: ScrapeReport,
    seriesAdded: number,
    atMs: number,
    output: PayloadWriter,
  ): Promise<void> {
    const transform = this.#transform;
    transform.begin("text", atMs, output);
    transform.push(encoder.encode(pageOf(report, seriesAdded)));
    transform.end(true);
    output.flush(transform.counts);
    await output.blocked;
  }
}

function ownRules({ asLogging: _, ...rules }: RulesConfig): RulesConfig {
  const { series } = rules;
  return {
    ...rules,
    metricTypes: [],
    metricNameFilter: [],
    metricNameFilterIgnore: [],
    ...(series && { series: { ...series, limits: NO_SERIES_LIMITS } }),
  };
}

function pageOf({ counts, bodyBytes, durationMs }: ScrapeReport, seriesAdded: number): string {
  const filtered = Object.values(counts.filtered).reduce((sum, count) => sum + count, 0);
  const values = {
    scrape_duration_seconds: durationMs / 1000,
    scrape_samples_scraped: counts.samples,
    scrape_samples_post_metric_relabeling: counts.samples - filtered,
    scrape_series_added: seriesAdded,
    scrape_body_size_bytes: bodyBytes,
  };
  return Object.entries(values)
    .map(([name, value]) => `# TYPE ${name} gauge\n${name} ${value}\n`)
    .join("");
}
