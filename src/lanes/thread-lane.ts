import type { EventLoopUtilization } from "node:perf_hooks";
import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { Piscina, transferableSymbol, valueSymbol } from "piscina";
import type { Clock } from "../clock.ts";
import { serveNames } from "../dial/names-port.ts";
import { systemNames } from "../dial/system-names.ts";
import type { ScrapeReport } from "../scrape/scrape-report.ts";
import type { ScrapeTarget } from "../scrape/scrape-target.ts";
import type { OnPayload } from "./lane.ts";
import { addTaken, laneFailure, nothingTaken, type Taken } from "./lane-failure.ts";
import type { MortalLane } from "./lane-place.ts";
import type { LaneSettings } from "./lane-settings.ts";
import type { FromLane, LaneStart, ToLane } from "./messages.ts";
import { Outbox } from "./outbox.ts";

interface Flight {
  readonly key: string;
  readonly startedMs: number;
  readonly taken: Taken;
  readonly resolve: (report: ScrapeReport) => void;
  readonly signal: AbortSignal;
  readonly onAbort: () => void;
}

/** The main thread's end of one lane that is a thread. It lives once: a dead one is replaced, not revived. */
export class ThreadLane implements MortalLane {
  /** Resolves with the reason, never rejects, when the thread has ended, however it came to that. */
  readonly ended: Promise<string>;
  readonly #outgrown = Promise.withResolvers<undefined>();
  readonly outgrown = this.#outgrown.promise;
  readonly #settings: LaneSettings;
  readonly #onPayload: OnPayload;
  readonly #clock: Clock;
  readonly #pool: Piscina;
  readonly #port: MessagePort;
  readonly #outbox: Outbox<ToLane>;
  readonly #flights = new Map<number, Flight>();
  readonly #sent = new Map<string, ScrapeTarget>();
  readonly #over = new AbortController();
  #reason: string | undefined;
  #lastId = 0;
  /** Bytes of payloads that were taken and not yet acknowledged. */
  #owedBytes = 0;
  #heard = false;
  #loopSeen: EventLoopUtilization | undefined;
  /** Called when the last scrape under way has ended. */
  #idle: (() => void) | undefined;

  /**
   * `entry` is the file URL of a module that exports `runLane` as lane-worker.ts does; `shareBytes` what the lane has of
   * `settings.replayBytes` at first.
   */
  constructor(
    settings: LaneSettings,
    entry: URL,
    onPayload: OnPayload,
    clock: Clock,
    shareBytes = settings.replayBytes,
  ) {
    this.#settings = settings;
    this.#onPayload = onPayload;
    this.#clock = clock;
    this.#pool = new Piscina({
      filename: entry.href,
      name: "runLane",
      // The thread comes with its task. With a minimum of 1 Piscina would start another by itself the moment one dies,
      // before the back-off has its say, and without the targets.
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      // An idle worker would block in Atomics.wait, its sockets and timers with it.
      atomics: "disabled",
      recordTiming: false,
      resourceLimits: {
        maxOldGenerationSizeMb: settings.memoryMb,
        maxYoungGenerationSizeMb: settings.youngMemoryMb,
      },
    });
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#port.on("message", (messages: readonly FromLane[]) => this.#takeAll(messages));
    this.#outbox = new Outbox(port1);
    const names = new MessageChannel();
    serveNames(names.port1, systemNames);
    this.ended = this.#live(port2, names.port2, shareBytes);
  }

  scrape(target: ScrapeTarget, atMs: number, signal: AbortSignal): Promise<ScrapeReport> {
    if (this.#over.signal.aborted) {
      return Promise.resolve(laneFailure("the lane has ended", 0, nothingTaken()));
    }
    if (this.#sent.get(target.key) !== target) {
      this.#sent.set(target.key, target);
      this.#say({ kind: "configure", target });
    }
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<ScrapeReport>();
    const onAbort = () => this.#say({ kind: "abort", id });
    this.#flights.set(id, {
      key: target.key,
      startedMs: this.#clock.monotonic(),
      taken: nothingTaken(),
      resolve,
      signal,
      onAbort,
    });
    this.#say({ kind: "scrape", id, key: target.key, atMs });
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort);
    return promise;
  }

  forget(key: string): void {
    if (this.#sent.delete(key) && !this.#over.signal.aborted) this.#say({ kind: "forget", key });
  }

  share(replayBytes: number): void {
    this.#say({ kind: "share", replayBytes });
  }

  busy(): number {
    const loop = this.#pool.threads[0]?.performance;
    const now = loop?.eventLoopUtilization();
    if (loop === undefined || now === undefined) return 0;
    const share = loop.eventLoopUtilization(now, this.#loopSeen).utilization;
    this.#loopSeen = now;
    return share;
  }

  async retire(): Promise<void> {
    if (this.#flights.size > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    await this.stop();
  }

  async stop(): Promise<void> {
    this.#say({ kind: "close" });
    await this.#clock.sleep(this.#settings.closeMs, this.#over.signal);
    await this.#kill("did not close in time");
    await this.ended;
  }

  /** The life of the thread: one task of Piscina, which rejects when the thread dies under it. */
  async #live(port: MessagePort, names: MessagePort, shareBytes: number): Promise<string> {
    // A thread that fails before it takes the task leaves it in Piscina's queue: ending the pool ends the task.
    this.#pool.on("error", (error: Error) => void this.#kill(error.message));
    // Where the task had begun, its own rejection comes first and has the better reason.
    this.#pool.on("workerDestroy", () => {
      setImmediate(() => void this.#kill("the thread ended before its task began"));
    });
    const { creditBytes, replayBytes } = this.#settings;
    const start: LaneStart = { port, names, creditBytes, replayBytes, shareBytes };
    const watching = this.#watch();
    let reason = "closed";
    try {
      const moved = { [transferableSymbol]: [port, names], [valueSymbol]: start };
      await this.#pool.run(Piscina.move(moved));
    } catch (error) {
      reason = this.#reason ?? (error instanceof Error ? error.message : String(error));
    }
    this.#reason ??= reason;
    this.#finish(reason);
    port.close();
    names.close();
    await watching;
    await this.#pool.destroy();
    return reason;
  }

  /** What the lane had said before its end is heard before its scrapes are given up. */
  #finish(reason: string): void {
    for (;;) {
      const rest = receiveMessageOnPort(this.#port);
      if (rest === undefined) break;
      this.#takeAll(rest.message);
    }
    this.#port.close();
    this.#over.abort();
    const now = this.#clock.monotonic();
    for (const flight of this.#flights.values()) {
      land(flight, laneFailure(reason, now - flight.startedMs, flight.taken));
    }
    this.#flights.clear();
    this.#idle?.();
  }

  async #kill(reason: string): Promise<void> {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    await this.#pool.destroy();
  }

  /**
   * A thread that spins, or that collects garbage and nothing else, reports nothing and never ends by itself. Beats are
   * counted and not timed: after a suspended machine wakes, one beat is overdue and not all of them.
   */
  async #watch(): Promise<void> {
    const over = this.#over.signal;
    let silentBeats = 0;
    while (!over.aborted) {
      if (!this.#heard) this.#say({ kind: "ping" });
      this.#heard = false;
      await this.#clock.sleep(this.#settings.beatMs, over);
      silentBeats = this.#heard ? 0 : silentBeats + 1;
      if (silentBeats > this.#settings.silentBeats) {
        await this.#kill(`no sign of life for ${silentBeats} beats`);
        return;
      }
    }
  }

  #takeAll(messages: readonly FromLane[]): void {
    this.#heard = true;
    for (const message of messages) this.#take(message);
  }

  #take(message: FromLane): void {
    switch (message.kind) {
      case "payload":
        this.#handOver(message);
        return;
      case "report": {
        const flight = this.#flights.get(message.id);
        this.#flights.delete(message.id);
        if (flight !== undefined) land(flight, message.report);
        if (this.#flights.size === 0) this.#idle?.();
        return;
      }
      case "outgrown":
        this.#outgrown.resolve(undefined);
        return;
      case "pong":
        return;
    }
  }

  #handOver({ id, payload }: Extract<FromLane, { kind: "payload" }>): void {
    const flight = this.#flights.get(id);
    if (flight === undefined) {
      void this.#kill("it sent a payload of a scrape that had ended");
      return;
    }
    addTaken(flight.taken, payload);
    // The buffer may be given on, and be empty, by the time it is taken.
    const { byteLength } = payload.gzip;
    const taking = this.#onPayload(flight.key, payload);
    if (taking === undefined) this.#owe(byteLength);
    // Its failure would be a broken promise of `OnPayload`, and ends the process.
    else void taking.then(() => this.#owe(byteLength));
  }

  #owe(bytes: number): void {
    this.#owedBytes += bytes;
    if (this.#owedBytes >= this.#settings.creditBytes / 2) this.#acknowledge();
  }

  #acknowledge(): void {
    this.#outbox.say({ kind: "ack", bytes: this.#owedBytes });
    this.#owedBytes = 0;
  }

  #say(message: ToLane): void {
    if (this.#owedBytes > 0) this.#acknowledge();
    this.#outbox.say(message);
  }
}

function land({ signal, onAbort, resolve }: Flight, report: ScrapeReport): void {
  signal.removeEventListener("abort", onAbort);
  resolve(report);
}
