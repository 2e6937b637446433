import type { Clock } from "../clock.ts";
import type { Category, Payload } from "../payload.ts";
import type { Disk } from "../spool/disk.ts";
import { nodeDisk } from "../spool/node-disk.ts";
import { NOTHING, plus, type Tally } from "../tally.ts";
import { SECOND } from "../units.ts";
import { Aside } from "./aside.ts";
import { Batcher } from "./body/batcher.ts";
import { type Body, payloadHeldBytes, payloadTally } from "./body/body.ts";
import { MemoryMeter } from "./body/memory-meter.ts";
import { MemoryQueue } from "./body/memory-queue.ts";
import { PackageIds } from "./body/package-ids.ts";
import { Circuit } from "./circuit.ts";
import type { DeliveryObserver } from "./delivery-observer.ts";
import type { DeliverySettings, DestinationSettings } from "./delivery-settings.ts";
import type { DeliveryStatus, DestinationStatus, StopReport } from "./delivery-status.ts";
import { Destination } from "./destination.ts";
import { destinationIdentities } from "./destination-identity.ts";
import { DestinationRecord } from "./destination-record.ts";
import type { LifeCounts, LineCount, PastStatus } from "./ledger/ledger-history.ts";
import { QueueStore } from "./queue/queue-store.ts";
import type { Sender } from "./send/sender.ts";
import { senderOf } from "./send/sender-of.ts";
import { SizeLimit } from "./size-limit.ts";

/** What is under way at the deadline is aborted; a write to a dead disk cannot be, and is not waited for longer. */
const GRACE = SECOND / 2;
/** The same where a destination is a file: hundreds of megabytes are written in that time. */
const LOCAL_GRACE = 4 * SECOND;
/** The first flushes come early, so that one who just started the agent sees something. */
const FIRST_FLUSH = SECOND;

export interface DeliveryContext {
  readonly clock: Clock;
  readonly observer: DeliveryObserver;
  /** From [0, 1), for the jitter of back-offs. Default: `Math.random`. */
  readonly random?: () => number;
  /**
   * The settings of the destination of that name as they are now, asked for when its credentials are refused: a token may have been
   * put right in the file it comes from. Undefined: unknown. Never rejects. Default: they stay what they were.
   */
  readonly renewed?: (name: string) => Promise<DestinationSettings | undefined>;
  /** What became of the lines of pages so far, kept with the queue for the next life to know. Default: not known. */
  readonly lines?: () => readonly LineCount[];
  /** Default: the senders of this room. */
  readonly senderOf?: (destination: DestinationSettings) => Sender;
  /** Default: the file system of this machine. */
  readonly disk?: Disk;
}

/**
 * Payloads in, requests out: batcher, a queue for each destination, its loop and sender.
 *
 * Every destination gets everything. Bodies are joined once and shared by the queues, so their bytes are in memory once. The bound
 * works by policy:
 * - `drop_oldest`: each queue may hold `memoryBytes`. What queues hold are ends of the same stream, so together they hold no more
 *   than the longest does. Beyond it come only the bodies that other destinations are sending just then.
 * - `drop_newest`: each queue may hold its share, `memoryBytes` by the number of destinations. What they hold can be different.
 *
 * Either way a destination that is down fills its own queue only and never costs another one a point.
 */
export class Delivery {
  readonly #settings: DeliverySettings;
  readonly #clock: Clock;
  readonly #observer: DeliveryObserver;
  readonly #batcher: Batcher;
  readonly #meter = new MemoryMeter();
  readonly #destinations: readonly Destination[];
  readonly #store: QueueStore | undefined;
  readonly #abort = new AbortController();
  readonly #flushing = new AbortController();
  readonly #runs: Promise<void>[] = [];
  #taken: Tally = NOTHING;
  #room: PromiseWithResolvers<void> | undefined;
  #stopping: Promise<StopReport> | undefined;

  /** Throws where the URL of a destination is none. */
  constructor(settings: DeliverySettings, context: DeliveryContext) {
    this.#settings = settings;
    this.#clock = context.clock;
    this.#observer = context.observer;
    const ids = new PackageIds(context.clock);
    const nextId = () => ids.next();
    const identities = destinationIdentities(settings.destinations);
    this.#store = queueStoreOf(settings, context, () => this.#counted(identities, context.lines));
    this.#batcher = new Batcher(settings.maxRawBodyBytes, nextId, (id, payload) =>
      this.#store?.add(id, payload),
    );
    const share = settings.overflow === "drop_newest" ? settings.destinations.length : 1;
    const bound = Math.floor(settings.memoryBytes / Math.max(1, share));
    const random = context.random ?? Math.random;
    this.#destinations = settings.destinations.map((destination, index) => {
      const record = new DestinationRecord(destination.name, context.clock, context.observer);
      const built: Destination = new Destination({
        sender:
          context.senderOf?.(destination) ??
          senderOf(destination, settings.hostName, context.clock, context.renewed),
        queue:
          this.#store?.queueFor({
            name: identities[index] ?? destination.name,
            bound,
            policy: settings.overflow,
            meter: this.#meter,
            changed: () => built.wake(),
            recovered: (category, tally) => record.ledger.recovered(category, tally),
            lost: (category, reason, tally, detail) => built.lost(category, reason, tally, detail),
          }) ?? new MemoryQueue(bound, settings.overflow, this.#meter),
        circuit: new Circuit(context.clock, random),
        aside: new Aside(context.clock, random),
        limit: new SizeLimit(settings.maxRawBodyBytes, context.clock),
        record,
        clock: context.clock,
        maxRawBytes: settings.maxRawBodyBytes,
        roomMade: () => this.#roomMade(),
      });
      return built;
    });
  }

  /** Begins to flush and to send. When `signal` aborts, everything under way is aborted; `stop` is still to be called. */
  start(signal: AbortSignal): void {
    const abort = () => this.#abort.abort();
    signal.addEventListener("abort", abort, { signal: this.#abort.signal });
    if (signal.aborted) {
      abort();
    }
    this.#store?.start();
    for (const destination of this.#destinations) {
      this.#runs.push(destination.run(this.#abort.signal));
    }
    this.#runs.push(this.#flushLoop());
  }

  /** Takes a payload for every destination that has room for it; `dropped` when none has, or after `stop`. */
  offer(payload: Payload): "queued" | "dropped" {
    const tally = payloadTally(payload);
    const stopped = this.#stopping !== undefined;
    const bytes = this.#batcher.heldBytes + payloadHeldBytes(payload);
    let takers = 0;
    for (const destination of this.#destinations) {
      destination.record.ledger.offered(payload.category, tally);
      if (!stopped && destination.makeRoom(bytes)) {
        takers += 1;
      }
    }
    if (takers === 0) {
      this.#refuse(payload.category, tally, stopped);
      return "dropped";
    }
    this.#taken = plus(this.#taken, tally);
    this.#enqueue(this.#batcher.add(payload));
    return "queued";
  }

  /**
   * True while at least one destination takes a whole body more without losing anything: with all of them full, who offers can
   * wait, and with one of them down, the others still get their points in time.
   */
  hasRoom(): boolean {
    const bytes = this.#batcher.heldBytes + this.#settings.maxRawBodyBytes;
    return this.#destinations.some((destination) => destination.queue.hasRoom(bytes));
  }

  /** Undefined when there is room; else resolves when there is, or when delivery stops. */
  whenRoom(): Promise<void> | undefined {
    if (this.#stopping !== undefined || this.hasRoom()) {
      return undefined;
    }
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** Hands everything that came so far to the queues. */
  flush(): void {
    this.#enqueue(this.#batcher.flush());
  }

  /**
   * Sends what is left for at most `deadlineMs`, then aborts, puts the rest on disk, and counts as lost what that does not take.
   * What a file has to take is written after that deadline and after an abort too. When it resolves, no timer, socket or promise of
   * this room is left. A second call gets the same report.
   */
  stop(deadlineMs: number): Promise<StopReport> {
    this.#stopping ??= this.#stop(deadlineMs);
    return this.#stopping;
  }

  status(): DeliveryStatus {
    return {
      destinations: this.#destinations.map((destination, index) =>
        this.#statusOf(destination, this.#settings.destinations[index]?.kind ?? "file"),
      ),
      memoryBytes: this.#meter.bytes + this.#batcher.heldBytes,
      memoryBound: this.#settings.memoryBytes,
      ...(this.#store === undefined ? {} : { queue: this.#store.status() }),
    };
  }

  /** What earlier lives counted. Undefined as long as the disk was not read, and where there is none. */
  past(): PastStatus | undefined {
    return this.#store?.past();
  }

  async #flushLoop(): Promise<void> {
    const { flushIntervalMs } = this.#settings;
    const { signal } = this.#flushing;
    for (let wait = FIRST_FLUSH; !signal.aborted; wait *= 2) {
      await this.#clock.sleep(Math.min(wait, flushIntervalMs), signal);
      this.flush();
      this.#observer.flushed({ taken: this.#taken });
      this.#taken = NOTHING;
    }
  }

  async #stop(deadlineMs: number): Promise<StopReport> {
    this.#flushing.abort();
    this.flush();
    this.#room?.resolve();
    for (const destination of this.#destinations) {
      destination.drain();
    }
    const done = new AbortController();
    const deadline = this.#deadline(deadlineMs, done.signal);
    await Promise.race([Promise.all(this.#runs), deadline]);
    done.abort();
    this.#abort.abort();
    await this.#store?.stop();
    const left = [];
    for (const destination of this.#destinations) {
      const why = whyUnsent(destination);
      left.push({ destination: destination.record.name, ...why, ...destination.abandon() });
      await destination.sender.close();
    }
    await this.#store?.close();
    const some = ({ tally }: { tally: Tally }) => tally.payloads > 0 || tally.points > 0;
    return {
      unsent: left.map(({ lost, kept, ...rest }) => ({ ...rest, tally: lost })).filter(some),
      kept: left.map(({ destination, kept: tally }) => ({ destination, tally })).filter(some),
    };
  }

  async #deadline(ms: number, done: AbortSignal): Promise<void> {
    await this.#clock.sleep(ms, done);
    this.#abort.abort();
    const isLocal = this.#destinations.some(({ sender }) => sender.isLocal === true);
    await this.#clock.sleep(isLocal ? LOCAL_GRACE : GRACE, done);
  }

  #refuse(category: Category, tally: Tally, stopped: boolean): void {
    for (const { record } of this.#destinations) {
      record.lost(
        category,
        stopped ? "shutdown" : "queue_full",
        tally,
        stopped ? "came after the stop" : "memory is full",
      );
    }
  }

  #enqueue(bodies: readonly Body[]): void {
    for (const body of bodies) {
      for (const destination of this.#destinations) {
        destination.enqueue(body);
      }
    }
  }

  #roomMade(): void {
    if (this.#room !== undefined && this.hasRoom()) {
      this.#room.resolve();
      this.#room = undefined;
    }
  }

  #statusOf(destination: Destination, kind: DestinationSettings["kind"]): DestinationStatus {
    const { queue, record, sender } = destination;
    const { lastError, lastSuccessMs } = record;
    return {
      name: record.name,
      kind,
      address: sender.address,
      state: record.state,
      ledger: this.#ledgerOf(destination),
      queuedBodies: queue.waitingBodies,
      heldBytes: queue.heldBytes,
      failures: destination.failures,
      aside: { metric: destination.aside("metric"), logging: destination.aside("logging") },
      ...(lastSuccessMs === undefined ? {} : { lastSuccessMs }),
      ...(lastError === undefined ? {} : { lastError }),
    };
  }

  #counted(identities: readonly string[], lines: DeliveryContext["lines"]): LifeCounts {
    const destinations = this.#destinations.map((destination, index) => {
      const { name } = destination.record;
      return { identity: identities[index] ?? name, name, ledger: this.#ledgerOf(destination) };
    });
    return { lines: lines?.() ?? [], destinations };
  }

  #ledgerOf(destination: Destination): DestinationStatus["ledger"] {
    const { ledger } = destination.record;
    return {
      metric: ledger.status("metric", this.#queued(destination, "metric")),
      logging: ledger.status("logging", this.#queued(destination, "logging")),
    };
  }

  #queued(destination: Destination, category: Category): Tally {
    return plus(this.#batcher.open(category), destination.queued(category));
  }
}

function whyUnsent({ failures, record: { lastError } }: Destination): { why?: string } {
  return failures === 0 || lastError === undefined
    ? {}
    : { why: `${lastError.reason}: ${lastError.detail}` };
}

function queueStoreOf(
  settings: DeliverySettings,
  context: DeliveryContext,
  counted: () => LifeCounts,
): QueueStore | undefined {
  const { clock, observer, disk = nodeDisk } = context;
  return settings.queue === undefined
    ? undefined
    : new QueueStore({
        settings: settings.queue,
        disk,
        clock,
        counted,
        notice: (notice) => observer.queue(notice),
      });
}
