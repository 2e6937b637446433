import { EchoMask } from "../fetch/echo-mask.ts";
import type { FetchFailure, FetchOutcome } from "../fetch/fetch-outcome.ts";
import type { Emit } from "../payload.ts";
import { malformedLines } from "../points/line-counts.ts";
import type { PageIntake } from "../points/page-intake.ts";
import { PageTransform } from "../points/page-transform.ts";
import { PayloadWriter } from "../points/payload-writer.ts";
import { type CompiledTarget, SharedRules } from "../points/shared-rules.ts";
import { SinkGroups } from "../points/sink-groups.ts";
import { LineRoom } from "../points/tags/line-room.ts";
import { upPoint } from "../points/up-point.ts";
import { openSeriesMemory } from "../recall/kernel-file.ts";
import { ReplayedPage } from "../recall/replayed-page.ts";
import type { SeriesMemory } from "../replay/series-memory.ts";
import { FirstPages } from "./first-pages.ts";
import { OwnSeries } from "./own-series.ts";
import { type PageReader, TargetPages } from "./page-reader.ts";
import type { ScrapeReport } from "./scrape-report.ts";
import { ScrapeSink } from "./scrape-sink.ts";
import type { ScrapeTarget } from "./scrape-target.ts";

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

/** Each has a buffer of 272 KiB; at the start many pages come at once, later a few. */
const MAX_IDLE_WRITERS = 4;

const encoder = new TextEncoder();

interface Remembered {
  readonly target: ScrapeTarget;
  readonly rules: CompiledTarget;
  readonly intake: PageIntake;
  /** The same, if lines are remembered. */
  readonly replay: ReplayedPage | undefined;
  readonly echo: EchoMask;
  readonly own: OwnSeries | undefined;
  readonly sinkGroups: SinkGroups | undefined;
  /** A whole page of it has been read. */
  known: boolean;
}

/** Scrapes targets: connections, compiled rules and remembered TLS files live here, one instance a lane. */
export class Scraper {
  readonly #pages: PageReader;
  readonly #remembered = new Map<string, Remembered>();
  readonly #rules = new SharedRules();
  readonly #firstPages = new FirstPages();
  readonly #idleWriters: PayloadWriter[] = [];
  readonly #memory: SeriesMemory | undefined;
  /** Of the targets, whose limits are nearly always the same. */
  #room = new LineRoom(0);

  /** `replayBytes`: memory for lines that were seen before, at most; 0: none are remembered. */
  constructor(pages: PageReader = new TargetPages(), replayBytes = 0) {
    this.#pages = pages;
    this.#memory = replayBytes === 0 ? undefined : openSeriesMemory(replayBytes);
  }

  /** Remembers lines in at most `bytes` of its memory from now on. False where they took more before: see `SeriesMemory`. */
  limitReplay(bytes: number): boolean {
    return this.#memory?.limit(bytes) ?? true;
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
    const remembered = this.#rememberedOf(target);
    const { intake, echo, own } = remembered;
    const firstPage = remembered.known ? undefined : this.#firstPages.begin();
    const borrow = () => this.#writer(remembered, emit);
    const sink = new ScrapeSink(intake, borrow, atMs, firstPage);
    const fetched = await this.#pages.read(target, own?.over(sink) ?? sink, signal);
    intake.end(fetched.kind === "ok");
    firstPage?.end();
    remembered.known ||= fetched.kind === "ok";
    const seriesAdded = own?.end(fetched.kind === "ok") ?? 0;
    const outcome = judge(fetched, intake);
    const { output } = sink;
    this.#finish(target, outcome, atMs, intake, output);
    await output.blocked;
    const report: ScrapeReport = {
      outcome,
      ...(fetched.status === undefined || fetched.status === 0 ? {} : { status: fetched.status }),
      wireBytes: fetched.wireBytes,
      bodyBytes: fetched.bodyBytes,
      durationMs: performance.now() - startedMs,
      counts: intake.counts,
      faults: intake.examples.map((one) => ({ ...one, excerpt: echo.mask(one.excerpt) })),
      outputBytes: output.outputBytes,
      compressedBytes: output.compressedBytes,
    };
    if (own !== undefined && tellsUp(target, outcome)) {
      output.begin("metric", emit, remembered.sinkGroups);
      await own.emit(report, seriesAdded, atMs, output);
    }
    if (this.#idleWriters.length < MAX_IDLE_WRITERS) {
      this.#idleWriters.push(output);
    }
    return report;
  }

  /** The target is gone: lets go of what was kept for it. */
  forget(key: string): void {
    const known = this.#remembered.get(key);
    if (known !== undefined) {
      this.#remembered.delete(key);
      this.#rules.release(known.rules);
      known.replay?.forget();
      this.#pages.forget(known.target);
    }
  }

  /** Closes connections. */
  close(): Promise<void> {
    this.#remembered.clear();
    return this.#pages.close();
  }

  #writer({ target, sinkGroups }: Remembered, emit: Emit): PayloadWriter {
    const output = this.#idleWriters.pop() ?? new PayloadWriter(this.#memory?.kernel.takeRoom());
    const category = target.rules.asLogging === undefined ? "metric" : "logging";
    output.begin(category, emit, sinkGroups);
    return output;
  }

  #rememberedOf(target: ScrapeTarget): Remembered {
    const known = this.#remembered.get(target.key);
    if (known?.target === target) {
      return known;
    }
    const { page, limits } = target;
    const rules = this.#rules.take(target.rules);
    if (known !== undefined) {
      this.#rules.release(known.rules);
      known.replay?.forget();
    }
    if (this.#room.maxLabels !== limits.labelsPerLine) {
      this.#room = new LineRoom(limits.labelsPerLine);
    }
    const transform = new PageTransform(rules.program, limits, this.#room, rules.relabel);
    const replay =
      this.#memory === undefined ? undefined : new ReplayedPage(this.#memory, transform, target);
    const remembered: Remembered = {
      target,
      rules,
      intake: replay ?? transform,
      replay,
      echo: new EchoMask(page.kind === "file" ? undefined : page.request),
      own: OwnSeries.of(target),
      sinkGroups: target.sinkKeys && new SinkGroups(target.sinkKeys),
      known: false,
    };
    this.#remembered.set(target.key, remembered);
    return remembered;
  }

  /** Emits what is left of the page, with the `up` point in the same payload where the category allows it. */
  #finish(
    target: ScrapeTarget,
    outcome: ScrapeReport["outcome"],
    atMs: number,
    intake: PageIntake,
    output: PayloadWriter,
  ): void {
    const { points, sent } = intake.counts;
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

function judge(fetched: FetchOutcome, intake: PageIntake): ScrapeReport["outcome"] {
  if (fetched.kind === "failed") {
    return { kind: "failed", reason: fetched.reason, detail: fetched.detail };
  }
  const { counts, examples } = intake;
  if (counts.samples > 0 || malformedLines(counts) === 0) {
    return { kind: "ok" };
  }
  const first = examples[0];
  const where = first === undefined ? "" : `, first at line ${first.line}: ${first.reason}`;
  const detail = `no sample and ${malformedLines(counts)} malformed lines${where}`;
  return { kind: "failed", reason: "no_samples", detail };
}
