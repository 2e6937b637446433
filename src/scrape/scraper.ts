import type { Emit } from "../payload.ts";
import type { SeriesMemory } from "../replay/series-memory.ts";
import { compileRules } from "../rules/rules-program.ts";
import type { FetchFailure, FetchOutcome } from "./fetch-outcome.ts";
import { openSeriesMemory } from "./kernel-file.ts";
import { malformedLines } from "./line-counts.ts";
import { PageFetcher } from "./page-fetcher.ts";
import { readPageFile } from "./page-file.ts";
import type { PageReader } from "./page-reader.ts";
import { PageTransform } from "./page-transform.ts";
import { PayloadWriter } from "./payload-writer.ts";
import { fetchRawPage } from "./raw-page.ts";
import { ReplayedPage } from "./replayed-page.ts";
import type { ScrapeReport } from "./scrape-report.ts";
import { ScrapeSink } from "./scrape-sink.ts";
import type { ScrapeTarget } from "./scrape-target.ts";
import { upPoint } from "./up-point.ts";

/** What `ignore_req_err` hides: the target could not be reached or did not answer. */
const REQUEST_ERRORS: ReadonlySet<FetchFailure> = new Set<FetchFailure>([
  "dns",
  "connect_refused",
  "connect_timeout",
  "connect_failed",
  "connection_reset",
  "tls",
  "idle_timeout",
  "total_timeout",
]);

const encoder = new TextEncoder();

interface Remembered {
  readonly target: ScrapeTarget;
  readonly page: PageReader;
  /** Absent: every line goes through the cold path. */
  readonly replay?: ReplayedPage;
}

/** Scrapes targets: connections, compiled rules and remembered TLS files live here, one instance a lane. */
export class Scraper {
  readonly #fetcher = new PageFetcher();
  readonly #remembered = new Map<string, Remembered>();
  readonly #idleWriters: PayloadWriter[] = [];
  readonly #memory: SeriesMemory | undefined;

  /** `replayBytes`: memory for series that were seen before; 0: none are remembered. */
  constructor(replayBytes = 0) {
    this.#memory = replayBytes === 0 ? undefined : openSeriesMemory(replayBytes);
  }

  /**
   * One scrape of one target. `atMs` (Unix milliseconds) is the time its points carry. Never rejects: what went wrong is
   * the outcome of the report. When the promise resolves everything has been emitted. Scrapes of one target must not
   * overlap.
   */
  async scrape(
    target: ScrapeTarget,
    atMs: number,
    emit: Emit,
    signal: AbortSignal,
  ): Promise<ScrapeReport> {
    const startedMs = performance.now();
    const page = this.#pageOf(target);
    const output = this.#idleWriters.pop() ?? new PayloadWriter();
    output.begin(target.rules.asLogging === undefined ? "metric" : "logging", emit);
    const sink = new ScrapeSink(page, output, atMs);
    const fetched = await this.#fetch(target, sink, signal);
    page.end(fetched.kind === "ok");
    const outcome = judge(fetched, page);
    this.#finish(target, outcome, atMs, page, output);
    await output.blocked;
    this.#idleWriters.push(output);
    return {
      outcome,
      ...(fetched.status === undefined ? {} : { status: fetched.status }),
      wireBytes: fetched.wireBytes,
      bodyBytes: fetched.bodyBytes,
      durationMs: performance.now() - startedMs,
      counts: page.counts,
      faults: page.examples,
      outputBytes: output.outputBytes,
      compressedBytes: output.compressedBytes,
    };
  }

  /** The target is gone: lets go of what was kept for it. */
  forget(key: string): void {
    this.#remembered.get(key)?.replay?.forget();
    this.#remembered.delete(key);
  }

  /** Closes connections. */
  close(): Promise<void> {
    this.#remembered.clear();
    return this.#fetcher.close();
  }

  #fetch(target: ScrapeTarget, sink: ScrapeSink, signal: AbortSignal): Promise<FetchOutcome> {
    const { page, limits } = target;
    switch (page.kind) {
      case "http":
        return this.#fetcher.fetch(page.request, limits, sink, signal);
      case "file":
        return readPageFile(page.path, limits, sink, signal);
      case "raw":
        return fetchRawPage(this.#fetcher, page, limits, signal);
    }
  }

  #pageOf(target: ScrapeTarget): PageReader {
    const known = this.#remembered.get(target.key);
    if (known?.target === target) {
      return known.page;
    }
    known?.replay?.forget();
    const { rules, limits } = target;
    const transform = new PageTransform(compileRules(rules).program, limits);
    const { honorTimestamps, disableInfoTag } = rules;
    const replay =
      this.#memory === undefined
        ? undefined
        : new ReplayedPage(this.#memory, transform, { limits, honorTimestamps, disableInfoTag });
    const page = replay ?? transform;
    this.#remembered.set(target.key, { target, page, ...(replay && { replay }) });
    return page;
  }

  /** Emits what is left of the page, with the `up` point in the same payload where the category allows it. */
  #finish(
    target: ScrapeTarget,
    outcome: ScrapeReport["outcome"],
    atMs: number,
    page: PageReader,
    output: PayloadWriter,
  ): void {
    const { points, sent } = page.counts;
    if (target.up === undefined || !tellsUp(target, outcome)) {
      output.flush({ points, sent });
      return;
    }
    if (target.rules.asLogging !== undefined) {
      output.flush({ points, sent });
      output.category = "metric";
    }
    output.lines.put(encoder.encode(upPoint(target.up, outcome.kind === "ok", atMs)));
    output.flush({ points: points + 1, sent });
  }
}

/** An aborted scrape says nothing about the target, and `ignore_req_err` asks for silence. */
function tellsUp(target: ScrapeTarget, outcome: ScrapeReport["outcome"]): boolean {
  if (outcome.kind === "ok") {
    return true;
  }
  const { reason } = outcome;
  return (
    reason !== "aborted" &&
    !(target.ignoreRequestErrors && REQUEST_ERRORS.has(reason as FetchFailure))
  );
}

function judge(fetched: FetchOutcome, page: PageReader): ScrapeReport["outcome"] {
  if (fetched.kind === "failed") {
    return { kind: "failed", reason: fetched.reason, detail: fetched.detail };
  }
  const { counts, examples } = page;
  if (counts.samples > 0 || malformedLines(counts) === 0) {
    return { kind: "ok" };
  }
  const first = examples[0];
  const where = first === undefined ? "" : `, first at line ${first.line}: ${first.reason}`;
  const detail = `no sample and ${malformedLines(counts)} malformed lines${where}`;
  return { kind: "failed", reason: "no_samples", detail };
}
