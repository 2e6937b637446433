import type { DeliveryNotice, DeliveryObserver } from "../delivery/delivery-observer.ts";
import type { QueueNotice } from "../delivery/queue/queue-status.ts";
import type { Category } from "../payload.ts";
import type { Tally } from "../tally.ts";
import type { Log } from "../telemetry/log/log.ts";
import type { DestinationSummary } from "../telemetry/log/summary-line.ts";
import type { AgentMetrics } from "../telemetry/metrics/metrics.ts";

const AMOUNT_OF_NOTHING = { points: 0, samples: 0, bytes: 0, lostPoints: 0 };

/** Turns what delivery tells into metrics, log lines and the numbers of the summary. */
export class DeliveryReporter implements DeliveryObserver {
  readonly #metrics: AgentMetrics;
  readonly #log: Log;
  readonly #onFlush: () => void;
  readonly #sinceFlush = new Map<string, typeof AMOUNT_OF_NOTHING>();

  constructor(metrics: AgentMetrics, log: Log, onFlush: () => void) {
    this.#metrics = metrics;
    this.#log = log;
    this.#onFlush = onFlush;
  }

  recovered(destination: string, category: Category, tally: Tally): void {
    if (tally.points > 0) {
      this.#log.info({ destination, category, ...tally }, "found points of a previous life");
    }
  }

  sent(destination: string, _category: Category, tally: Tally): void {
    const since = this.#since(destination);
    since.points += tally.points;
    since.samples += tally.samples;
    since.bytes += tally.bytes;
  }

  lost(destination: string, _category: Category, _reason: string, tally: Tally): void {
    this.#since(destination).lostPoints += tally.points;
  }

  attempt(destination: string, result: string, wireBytes: number, durationMs: number): void {
    this.#metrics.delivery.recordAttempt(destination, result, wireBytes, durationMs);
  }

  state(destination: string, state: string): void {
    this.#log.debug({ destination, state }, "destination state");
  }

  notice(notice: DeliveryNotice): void {
    const { event, ...fields } = notice;
    const level = event === "recovered" ? "info" : "warn";
    this.#log[level](fields, NOTICES[event]);
  }

  queue(notice: QueueNotice): void {
    const { event, ...fields } = notice;
    const bad =
      (event === "opened" && notice.damagedRecords > 0) ||
      ("foreign" in notice && notice.foreign.length > 0);
    const isTrouble = event === "memory_only" || event === "after_crash" || event === "unreadable";
    const level = isTrouble || bad ? "warn" : "info";
    this.#log[level](fields, QUEUE_NOTICES[event]);
  }

  flushed(): void {
    this.#onFlush();
  }

  /** What happened since the last call, for each destination in `queues`. */
  takeSummaries(
    queues: readonly { name: string; address: string; queuedPoints: number }[],
  ): DestinationSummary[] {
    return queues.map(({ name, address, queuedPoints }) => {
      const since = this.#since(name);
      this.#sinceFlush.delete(name);
      return { name: address, queuedPoints, ...since };
    });
  }

  #since(destination: string): typeof AMOUNT_OF_NOTHING {
    let since = this.#sinceFlush.get(destination);
    if (since === undefined) {
      since = { ...AMOUNT_OF_NOTHING };
      this.#sinceFlush.set(destination, since);
    }
    return since;
  }
}

const NOTICES: Record<DeliveryNotice["event"], string> = {
  aside: "destination does not take this body: others go on, and it is halved to find the bad line",
  failing: "delivery fails and is tried again",
  lost: "points are lost",
  recovered: "delivery works again",
  split: "body was too large and is sent in parts",
};

const QUEUE_NOTICES: Record<QueueNotice["event"], string> = {
  memory_only: "queue does not write to disk: a crash would lose what waits",
  after_crash: "previous life was not stopped: its last points may be missing, uncounted",
  unreadable: "a file of the queue cannot be read: it is left alone and tried again",
  disk_again: "queue writes to disk again",
  ledger_foreign: "counts of previous lives are not known: these files are left alone",
  opened: "queue on disk is open",
};
