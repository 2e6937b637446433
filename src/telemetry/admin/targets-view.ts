import { redactText, redactUrl } from "../../redact.ts";
import type { ScrapeTally, TargetHealthCounts } from "../scrape-tally.ts";

/** What is known of a target before it is scraped. */
export interface TargetDescription {
  readonly key: string;
  /** As configured: a URL, or the path of a file. */
  readonly url: string;
  readonly source: string;
  readonly file: string;
  /** Absent where it is not certain. */
  readonly line?: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly lane: number;
  /** What it is asked for; absent where it is a file. */
  readonly encoding?: "gzip" | "identity";
  /** Tags of its `up` point, or of its points where there is none. */
  readonly labels: Readonly<Record<string, string>>;
  /** Labels before `relabel_configs`, nothing secret among them. Absent where there are no such rules. */
  readonly discoveredLabels?: Readonly<Record<string, string>>;
  /** All who ask for it, the one that counts first. */
  readonly claims: readonly ClaimEntry[];
}

interface ClaimEntry {
  /** A drop-in, or `pod namespace/name`. */
  readonly by: string;
  readonly line?: number;
  readonly source: string;
  readonly counts: boolean;
}

/** How well the pods of this node are known. */
export interface KubernetesEntry {
  readonly node: string;
  /** Listed at least once. */
  readonly synced: boolean;
  readonly connected: boolean;
  readonly pods: number;
  /** Since the API server was heard last. */
  readonly ageSeconds?: number;
}

/** Something that a pod asks for and does not get. */
export interface RefusedEntry {
  readonly namespace: string;
  readonly pod: string;
  readonly key: string;
  readonly line?: number;
  readonly valueClass: string;
  readonly rule: string;
  readonly detail: string;
}

/** Absent where pods are not watched. */
interface PodsPage {
  readonly kubernetes: KubernetesEntry;
  readonly refusals: readonly RefusedEntry[];
}

/** What the process has planned for itself, and why: bytes, and `set` or what a figure was derived from. */
type PlanEntry = Readonly<Record<string, number | string>>;

/** What runs: its version, how it was built, and which of its parts are at work. */
interface BuildEntry {
  readonly version: string;
  readonly node: string;
  readonly kind: "compiled" | "source";
  readonly replay: boolean;
  readonly deflate: boolean;
  readonly inflate: boolean;
}

/** The agent itself, beside its targets. */
export interface AgentPage extends Partial<PodsPage> {
  readonly build?: BuildEntry;
  readonly plan?: PlanEntry;
}

/** A target that `relabel_configs` dropped. */
export interface DroppedDescription {
  readonly source: string;
  readonly discoveredLabels: Readonly<Record<string, string>>;
}

type Health = "up" | "down" | "unknown";

/** One target as JSON. The names down to `labels` are those of Prometheus' /api/v1/targets; `promline` is ours. */
interface TargetEntry {
  readonly discoveredLabels?: Readonly<Record<string, string>>;
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly health: Health;
  readonly lastError: string;
  /** RFC 3339; the year 1 where there was none yet, as in Prometheus. */
  readonly lastScrape: string;
  /** Seconds. */
  readonly lastScrapeDuration: number;
  /** Prometheus durations, `30s`. */
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly promline: {
    readonly declaredAt: { readonly file: string; readonly line?: number };
    readonly claims: readonly ClaimEntry[];
    readonly lane: number;
    readonly encoding?: "gzip" | "identity";
    /** RFC 3339. */
    readonly nextTick?: string;
    readonly missedTicks: Readonly<Record<string, number>>;
    readonly lastScrape?: LastScrape;
  };
}

/** `outcome` is `ok` or the reason of the failure. */
interface LastScrape extends Pick<ScrapeTally, "wireBytes" | "bodyBytes" | "counts" | "faults"> {
  readonly outcome: string;
  readonly status?: number;
  readonly outputBytes: number;
  readonly compressedBytes: number;
}

export interface TargetsPage {
  readonly status: "success";
  readonly data: {
    readonly activeTargets: readonly TargetEntry[];
    /** At most `MAX_DROPPED` of them; the counts are of all. */
    readonly droppedTargets: readonly {
      readonly discoveredLabels: Readonly<Record<string, string>>;
      readonly scrapePool: string;
    }[];
    readonly droppedTargetCounts: Readonly<Record<string, number>>;
    readonly promline?: AgentPage;
  };
}

interface TargetState {
  description: TargetDescription;
  atMs?: number;
  error: string;
  durationMs: number;
  last?: LastScrape;
  nextTickMs?: number;
  missed: Record<string, number>;
}

const MAX_DROPPED = 1000;
const MAX_FAULTS = 5;
const MAX_EXCERPT = 200;
const MAX_ERROR = 300;
const NEVER = "0001-01-01T00:00:00Z";

/** Keeps the last state of each target, nothing older, and shows it. */
export class TargetsView {
  readonly #states = new Map<string, TargetState>();
  #dropped: readonly DroppedDescription[] = [];
  #droppedCounts: Readonly<Record<string, number>> = {};

  /** The targets from now on, in the order they are shown. Those that stay keep their state. */
  setTargets(
    descriptions: readonly TargetDescription[],
    dropped: readonly DroppedDescription[] = [],
  ): void {
    const pools = Map.groupBy(dropped, ({ source }) => source);
    this.#droppedCounts = Object.fromEntries([...pools].map(([pool, all]) => [pool, all.length]));
    this.#dropped = dropped.slice(0, MAX_DROPPED);
    const before = new Map(this.#states);
    this.#states.clear();
    for (const description of descriptions) {
      const fresh: TargetState = { description, error: "", durationMs: 0, missed: {} };
      const state = before.get(description.key) ?? fresh;
      state.description = description;
      this.#states.set(description.key, state);
    }
  }

  /** A scrape that began at `atMs` (Unix milliseconds) has finished. Of a target that has gone meanwhile: nothing. */
  recordScrape(key: string, scrape: ScrapeTally, atMs: number): void {
    const state = this.#states.get(key);
    if (state === undefined) {
      return;
    }
    const { outcome, status, wireBytes, bodyBytes, counts, outputBytes, compressedBytes } = scrape;
    state.atMs = atMs;
    state.durationMs = scrape.durationMs;
    state.error =
      outcome.kind === "ok"
        ? ""
        : redactText(`${outcome.reason}: ${outcome.detail}`).slice(0, MAX_ERROR);
    state.last = {
      outcome: outcome.kind === "ok" ? "ok" : outcome.reason,
      ...(status === undefined ? {} : { status }),
      wireBytes,
      bodyBytes,
      outputBytes,
      compressedBytes,
      counts,
      faults: scrape.faults.slice(0, MAX_FAULTS).map(({ line, reason, excerpt }) => ({
        line,
        reason,
        excerpt: redactText(excerpt).slice(0, MAX_EXCERPT),
      })),
    };
  }

  recordMissedTick(key: string, reason: string, ticks: number): void {
    const missed = this.#states.get(key)?.missed;
    if (missed !== undefined) {
      missed[reason] = (missed[reason] ?? 0) + ticks;
    }
  }

  /** When it is scraped next, Unix milliseconds. */
  setNextTick(key: string, atMs: number): void {
    const state = this.#states.get(key);
    if (state !== undefined) {
      state.nextTickMs = atMs;
    }
  }

  health(): TargetHealthCounts {
    const counts = { up: 0, down: 0, unknown: 0 };
    for (const state of this.#states.values()) {
      counts[healthOf(state)] += 1;
    }
    return counts;
  }

  page(agent?: AgentPage): TargetsPage {
    const activeTargets = [...this.#states.values()].map(targetEntry);
    const droppedTargets = this.#dropped.map(({ discoveredLabels, source }) => ({
      discoveredLabels,
      scrapePool: source,
    }));
    const promline = agent === undefined ? {} : { promline: agent };
    const droppedTargetCounts = this.#droppedCounts;
    const data = { activeTargets, droppedTargets, droppedTargetCounts, ...promline };
    return { status: "success", data };
  }
}

function healthOf({ last }: TargetState): Health {
  if (last === undefined) {
    return "unknown";
  }
  return last.outcome === "ok" ? "up" : "down";
}

function targetEntry(state: TargetState): TargetEntry {
  const { description, atMs, nextTickMs, last } = state;
  return {
    ...(description.discoveredLabels && { discoveredLabels: description.discoveredLabels }),
    scrapePool: description.source,
    scrapeUrl: shownUrl(description.url),
    health: healthOf(state),
    lastError: state.error,
    lastScrape: atMs === undefined ? NEVER : new Date(atMs).toISOString(),
    lastScrapeDuration: state.durationMs / 1000,
    scrapeInterval: prometheusDuration(description.intervalMs),
    scrapeTimeout: prometheusDuration(description.timeoutMs),
    labels: description.labels,
    promline: {
      declaredAt: placeOf(description),
      claims: description.claims,
      lane: description.lane,
      ...(description.encoding && { encoding: description.encoding }),
      ...(nextTickMs === undefined ? {} : { nextTick: new Date(nextTickMs).toISOString() }),
      missedTicks: state.missed,
      ...(last === undefined ? {} : { lastScrape: last }),
    },
  };
}

function placeOf({ file, line }: TargetDescription) {
  return line === undefined ? { file } : { file, line };
}

/** A path has nothing to hide; what has a scheme, be it a mistyped one, may. */
function shownUrl(url: string): string {
  return /:\/\/|@/.test(url) ? redactUrl(url) : url;
}

/** `1h30m`, `30s`, `1s500ms`: units in falling order, none that is zero. */
function prometheusDuration(ms: number): string {
  const units = [
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1000],
    ["ms", 1],
  ] as const;
  let left = Math.round(ms);
  let text = "";
  for (const [unit, size] of units) {
    const count = Math.floor(left / size);
    left -= count * size;
    text += count === 0 ? "" : `${count}${unit}`;
  }
  return text === "" ? "0s" : text;
}
