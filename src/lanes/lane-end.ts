import type { MessagePort } from "node:worker_threads";
import type { ScrapeTarget } from "../scrape/scrape-target.ts";
import type { Scraper } from "../scrape/scraper.ts";
import { Credit } from "./credit.ts";
import type { FromLane, LaneStart, ToLane } from "./messages.ts";
import { PayloadBundle } from "./payload-bundle.ts";

/** What a lane needs of a `Scraper`. */
export type PageScraper = Pick<Scraper, "scrape" | "forget" | "close">;

/**
 * The lane's end of the boundary: does what the main thread says on the port, with one scraper. An exception in here is a
 * broken invariant and takes the thread down; the main thread replaces it.
 */
export class LaneEnd {
  readonly #port: MessagePort;
  readonly #credit: Credit;
  readonly #scraper: PageScraper;
  readonly #targets = new Map<string, ScrapeTarget>();
  readonly #aborts = new Map<number, AbortController>();
  readonly #closing = Promise.withResolvers<void>();
  #idle: (() => void) | undefined;

  constructor(
    { port, creditBytes }: Pick<LaneStart, "port" | "creditBytes">,
    scraper: PageScraper,
  ) {
    this.#port = port;
    this.#credit = new Credit(creditBytes);
    this.#scraper = scraper;
  }

  /** Resolves when the main thread has said `close` and everything is let go. */
  async run(): Promise<void> {
    this.#port.on("message", (message: ToLane) => this.#take(message));
    await this.#closing.promise;
    for (const abort of this.#aborts.values()) abort.abort();
    if (this.#aborts.size > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    await this.#scraper.close();
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
      case "ping":
        this.#say({ kind: "pong" });
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
    const abort = new AbortController();
    this.#aborts.set(id, abort);
    const bundle = new PayloadBundle((payloads, bytes) => {
      const buffers = payloads.map(({ gzip }) => gzip.buffer);
      this.#say({ kind: "payloads", id, payloads }, buffers);
      return this.#credit.take(bytes);
    });
    const report = await this.#scraper.scrape(
      target,
      atMs,
      (payload) => bundle.add(payload),
      abort.signal,
    );
    // The report need not wait for the pause that is asked for: the next scrape will.
    void bundle.flush();
    this.#aborts.delete(id);
    this.#say({ kind: "report", id, report });
    if (this.#aborts.size === 0) this.#idle?.();
  }

  #say(message: FromLane, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}
