import type { Clock } from "../../../clock.ts";
import { MIB, SECOND } from "../../../units.ts";
import type { ApiAccess } from "../api/api-access.ts";
import { apiBackOff } from "../api/api-back-off.ts";
import { type ApiTimeouts, callApi } from "../api/api-client.ts";
import { type ApiFault, apiFault, isUnanswered } from "../api/api-fault.ts";
import { EventLines } from "../api/event-lines.ts";
import type { PodRecord, PodSelection } from "./pod-record.ts";
import { listPods, watchPath } from "./pod-request.ts";
import { PodSet } from "./pod-set.ts";
import { readWatchEvent } from "./watch-event.ts";

export interface PodWatcherOptions {
  readonly access: ApiAccess;
  readonly node: string;
  readonly selection: PodSelection;
  readonly clock: Clock;
  readonly timings?: Partial<WatchTimings>;
  /** From [0, 1), for jitter. */
  readonly random?: () => number;
  /** All pods of the node, after each change of them; the map is valid during the call. */
  readonly changed: (pods: ReadonlyMap<string, PodRecord>) => void;
  /** Once for each request that failed; saying it at most once a minute is the caller's. */
  readonly trouble: (fault: ApiFault) => void;
}

export interface WatchTimings extends ApiTimeouts {
  /** How long the server keeps a watch, seconds; up to half of it is added at random. */
  readonly watchSeconds: number;
}

/** How well the pods are known. */
export interface WatchStatus {
  /** Listed at least once. */
  readonly synced: boolean;
  /** A watch runs, or the last request succeeded. */
  readonly connected: boolean;
  /** When the API server was heard last, Unix milliseconds. */
  readonly heardAtMs: number | undefined;
  readonly pods: number;
  readonly lists: number;
  readonly watches: number;
  readonly events: number;
  readonly faults: Readonly<Record<string, number>>;
  /** Why the last request failed, until one succeeds. */
  readonly trouble: WatchTrouble | undefined;
}

export interface WatchTrouble {
  readonly verb: "list" | "watch";
  readonly fault: ApiFault;
}

/** The server sends bookmarks about once a minute, so a watch silent for longer has lost its peer. */
const watchDefaults: WatchTimings = {
  connectMs: 5 * SECOND,
  headMs: 15 * SECOND,
  silenceMs: 90 * SECOND,
  watchSeconds: 300,
};

/** No object in etcd is larger than 1.5 MB. */
const MAX_EVENT_BYTES = 8 * MIB;
/** A watch that ends sooner than this without an event has done nothing: asking again at once would be a tight loop. */
const SHORT_WATCH_MS = SECOND;

/**
 * Knows the pods of a node: lists them, then watches, for as long as it runs. Whatever happens to the API server or the way
 * there, the pods known last stay known.
 */
export class PodWatcher {
  readonly #options: PodWatcherOptions;
  readonly #timings: WatchTimings;
  readonly #pods: PodSet;
  readonly #random: () => number;
  readonly #stopping = new AbortController();
  readonly #faults: Record<string, number> = {};
  #loop: Promise<void> | undefined;
  /** Answers in a row that were failures. */
  #failures = 0;
  /** Tries in a row that had no answer: a server that is back owes nothing for them. */
  #unanswered = 0;
  #connected = false;
  #heardAtMs: number | undefined;
  #lists = 0;
  #watches = 0;
  #events = 0;
  #trouble: WatchTrouble | undefined;

  constructor(options: PodWatcherOptions) {
    this.#options = options;
    this.#timings = { ...watchDefaults, ...options.timings };
    this.#pods = new PodSet(options.node);
    this.#random = options.random ?? Math.random;
  }

  start(signal: AbortSignal): void {
    signal.addEventListener("abort", () => this.#stopping.abort(), { once: true });
    if (signal.aborted) {
      this.#stopping.abort();
    }
    this.#loop ??= this.#run();
  }

  /** Resolves when no call back can come any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  status(): WatchStatus {
    return {
      synced: this.#lists > 0,
      connected: this.#connected,
      heardAtMs: this.#heardAtMs,
      pods: this.#pods.size,
      lists: this.#lists,
      watches: this.#watches,
      events: this.#events,
      faults: { ...this.#faults },
      trouble: this.#trouble,
    };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const fault = this.#pods.version === undefined ? await this.#list() : await this.#watch();
      if (signal.aborted) {
        return;
      }
      if (fault !== undefined) {
        await this.#pause(fault);
      }
    }
  }

  async #pause(fault: ApiFault): Promise<void> {
    const { clock } = this.#options;
    const isAnswer = !isUnanswered(fault);
    this.#unanswered = isAnswer ? 0 : this.#unanswered + 1;
    this.#failures += isAnswer ? 1 : 0;
    const tries = isAnswer ? this.#failures : this.#unanswered;
    await clock.sleep(apiBackOff(tries, fault, this.#random()), this.#stopping.signal);
  }

  async #list(): Promise<ApiFault | undefined> {
    const { access, node, selection } = this.#options;
    const { signal } = this.#stopping;
    const list = await listPods(access, node, selection, this.#timings, signal);
    if (signal.aborted) {
      return undefined;
    }
    if (list.kind === "fault") {
      return this.#failed("list", list);
    }
    this.#lists++;
    this.#heard();
    if (this.#pods.replace(list.pods, list.version) || this.#lists === 1) {
      this.#options.changed(this.#pods.pods);
    }
    return undefined;
  }

  /** One watch, from the version reached to its end. Undefined: it went well, go on at once. */
  async #watch(): Promise<ApiFault | undefined> {
    const { access, node, clock } = this.#options;
    const { signal } = this.#stopping;
    const { watchSeconds } = this.#timings;
    const seconds = Math.ceil(watchSeconds * (1 + this.#random() / 2));
    const startMs = clock.monotonic();
    const eventsBefore = this.#events;
    const lines = new EventLines(MAX_EVENT_BYTES, (line) => this.#event(line));
    this.#watches++;
    const end = await callApi(
      access,
      {
        method: "GET",
        path: watchPath(node, this.#pods.version ?? "", seconds),
        timeouts: this.#timings,
        onBytes: (bytes) => this.#bytes(lines, bytes),
      },
      signal,
    );
    if (signal.aborted) {
      return undefined;
    }
    const wasShort = clock.monotonic() - startMs < SHORT_WATCH_MS && this.#events === eventsBefore;
    if (!wasShort) {
      this.#failures = 0;
      this.#unanswered = 0;
    }
    if (this.#pods.distrusted) {
      this.#pods.forgetVersion();
    }
    if (end.kind === "ok") {
      this.#trouble = undefined;
      return wasShort ? apiFault("server_error", "the watch ended at once") : undefined;
    }
    if (end.reason === "gone" || end.reason === "server_error" || end.reason === "protocol") {
      this.#pods.forgetVersion();
    }
    return this.#failed("watch", end);
  }

  /** Events that come together are told together. */
  #bytes(lines: EventLines, bytes: Buffer): ApiFault | undefined {
    this.#heard();
    const fault = lines.push(bytes);
    if (this.#pods.takeChanged() && !this.#stopping.signal.aborted) {
      this.#options.changed(this.#pods.pods);
    }
    return fault;
  }

  #event(line: string): ApiFault | undefined {
    const event = readWatchEvent(line, this.#options.selection);
    if (event.kind === "fault") {
      return event;
    }
    this.#events++;
    this.#pods.apply(event);
    return undefined;
  }

  #heard(): void {
    this.#connected = true;
    this.#trouble = undefined;
    this.#heardAtMs = this.#options.clock.now();
  }

  #failed(verb: WatchTrouble["verb"], fault: ApiFault): ApiFault {
    this.#connected = false;
    this.#trouble = { verb, fault };
    this.#faults[fault.reason] = (this.#faults[fault.reason] ?? 0) + 1;
    this.#options.trouble(fault);
    return fault;
  }
}
