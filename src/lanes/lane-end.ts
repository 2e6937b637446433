import type { MessagePort } from "node:worker_threads";
import type { Payload } from "../payload.ts";
import type { ScrapeTarget } from "../scrape/scrape-target.ts";
import type { Scraper } from "../scrape/scraper.ts";
import { Credit } from "./credit.ts";
import type { FromLane, LaneStart, ToLane } from "./messages.ts";
import { Outbox } from "./outbox.ts";

/** What a lane needs of a `Scraper`. */
export type PageScraper = Pick<Scraper, "scrape" | "forget" | "close">;
/** The same of a lane that shares memory with others. */
type SharingScraper = PageScraper & Pick<Scraper, "limitReplay">;

/**
 * The lane's end of the boundary: does what the main thread says on the port, with one scraper. An exception in here is a
 * broken invariant and takes the thread down; the main thread replaces it.
 */
export class LaneEnd {
  readonly #port: MessagePort;
  readonly #outbox: Outbox<FromLane>;
  readonly #credit: Credit;
  readonly #scraper: SharingScraper;
  readonly #targets = new Map<string, ScrapeTarget>();
  readonly #aborts = new Map<number, AbortController>();
  /** Of scrapes that ended without an abort: whoever listened has let go, so that the next ones can have them. */
  readonly #unused: AbortController[] = [];
  readonly #closing = Promise.withResolvers<void>();
  #idle: (() => void) | undefined;

  constructor(
    { port, creditBytes, shareBytes }: Pick<LaneStart, "port" | "creditBytes" | "shareBytes">,
    scraper: SharingScraper,
  ) {
    this.#port = port;
    this.#outbox = new Outbox(port);
    this.#credit = new Credit(creditBytes);
    this.#scraper = scraper;
    this.#scraper.limitReplay(shareBytes);
  }

  /** Resolves when the main thread has said `close` and everything is let go. */
  async run(): Promise<void> {
    this.#port.on("message", (messages: readonly ToLane[]) => {
      for (const message of messages) this.#take(message);
    });
    await this.#closing.promise;
    for (const abort of this.#aborts.values()) abort.abort();
    if (this.#aborts.size > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    await this.#scraper.close();
    this.#outbox.flush();
    this.#port.close();
  }

  #take(message: ToLane): void {
    switch (message.kind) {
      case "configure":
        this.#configure(message.target);
        return;
      case "scrape":
        // A rejection breaks the scraper's contract: unhandled, it ends the thread, as it should.
        void this.#scrape(message.id, message.key, message.atMs);
        return;
      case "abort":
        this.#aborts.get(message.id)?.abort();
        return;
      case "forget":
        this.#targets.delete(message.key);
        this.#scraper.forget(message.key);
        return;
      case "ack":
        this.#credit.give(message.bytes);
        return;
      case "share":
        if (!this.#scraper.limitReplay(message.replayBytes)) this.#outbox.say({ kind: "outgrown" });
        return;
      case "ping":
        this.#outbox.say({ kind: "pong" });
        return;
      case "close":
        this.#closing.resolve();
        return;
    }
  }

  #configure(target: ScrapeTarget): void {
    if (this.#targets.has(target.key)) this.#scraper.forget(target.key);
    this.#targets.set(target.key, target);
  }

  async #scrape(id: number, key: string, atMs: number): Promise<void> {
    const target = this.#targets.get(key);
    if (target === undefined) throw new Error(`target ${key} was not configured in this lane`);
    const abort = this.#unused.pop() ?? new AbortController();
    this.#aborts.set(id, abort);
    const report = await this.#scraper.scrape(
      target,
      atMs,
      (payload) => this.#emit(id, payload),
      abort.signal,
    );
    this.#aborts.delete(id);
    if (!abort.signal.aborted) this.#unused.push(abort);
    this.#outbox.say({ kind: "report", id, report });
    if (this.#aborts.size === 0) this.#idle?.();
  }

  #emit(id: number, payload: Payload): Promise<void> | undefined {
    const { buffer, byteLength } = payload.gzip;
    this.#outbox.hold({ kind: "payload", id, payload }, buffer);
    const pause = this.#credit.take(byteLength);
    // Credit comes back only for what has left.
    if (pause !== undefined) this.#outbox.flush();
    return pause;
  }
}
