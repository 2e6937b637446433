import { once } from "node:events";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { constants, createGzip } from "node:zlib";
import { KIB, SECOND } from "../../src/units.ts";
import { layPage } from "../workload/page-recipe.ts";
import { PageState } from "../workload/page-state.ts";
import { targetAddress } from "../workload/target-address.ts";
import type { TargetsCount, TargetsOrder } from "./server-messages.ts";

const CHUNK_BYTES = 64 * KIB;
/** A line with its comments and its value. */
const LINE_ROOM = 8 * KIB;
/** Chunks kept for reuse. */
const MAX_FREE_CHUNKS = 64;
/** A scrape this many intervals after the last one has passed a tick over. */
const LATE = 1.5;

interface Target {
  readonly page: PageState;
  readonly intervalMs: number;
  /** Of the last scrape's start; undefined before the first. */
  askedAtMs: number | undefined;
  /** A page is on its way: its state must not move. */
  serving: boolean;
}

/** Serves the pages of a workload on loopback, each target at an address of its own, all at one port. */
export class TargetServer {
  readonly #order: TargetsOrder;
  readonly #targets = new Map<string, Target>();
  readonly #http: http.Server;
  readonly #listeners: net.Server[] = [];
  readonly #free: Buffer[] = [];
  #paused = false;
  #asked = 0;
  #scrapes = 0;
  #samples = 0;
  #kept = 0;
  #bytes = 0;
  #missed = 0;

  constructor(order: TargetsOrder) {
    this.#order = order;
    this.#http = http.createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    this.#http.keepAliveTimeout = 0;
    let index = 0;
    for (const { recipe, targets, intervalSeconds, churn } of order.parts) {
      for (let of = 0; of < targets; of++) {
        const page = new PageState(layPage(recipe, order.seed, index), order.seed + index, churn);
        const intervalMs = intervalSeconds * SECOND;
        const target = { page, intervalMs, askedAtMs: undefined, serving: false };
        this.#targets.set(targetAddress(index), target);
        index++;
      }
    }
  }

  /** Answers the port. */
  async start(): Promise<number> {
    let port = 0;
    for (const address of this.#targets.keys()) {
      const listener = net.createServer((socket) => this.#http.emit("connection", socket));
      listener.listen(port, address);
      await once(listener, "listening");
      port = (listener.address() as AddressInfo).port;
      this.#listeners.push(listener);
    }
    return port;
  }

  /** From now on every target answers 503. */
  pause(): void {
    this.#paused = true;
  }

  stop(): void {
    for (const listener of this.#listeners) {
      listener.close();
    }
    this.#http.closeAllConnections();
  }

  count(): TargetsCount {
    const now = performance.now();
    const all = [...this.#targets.values()];
    return {
      role: "targets",
      asked: this.#asked,
      scrapes: this.#scrapes,
      samples: this.#samples,
      kept: this.#kept,
      bytes: this.#bytes,
      waiting: all.filter(({ askedAtMs }) => askedAtMs === undefined).length,
      missedTicks: this.#missed + all.reduce((sum, target) => sum + ticksMissed(target, now), 0),
    };
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const target = this.#targets.get(request.socket.localAddress ?? "");
    if (target === undefined || request.method !== "GET") {
      response.writeHead(404).end();
      return;
    }
    this.#note(target);
    if (this.#paused || target.serving) {
      response.writeHead(503).end();
      return;
    }
    target.serving = true;
    try {
      await this.#serve(target, response, this.#compresses(request));
    } finally {
      target.serving = false;
    }
  }

  #note(target: Target): void {
    const now = performance.now();
    this.#asked++;
    this.#missed += ticksMissed(target, now);
    target.askedAtMs = now;
  }

  #compresses(request: http.IncomingMessage): boolean {
    const accepted = request.headers["accept-encoding"];
    return this.#order.encoding === "negotiate" && /\bgzip\b/.test(String(accepted ?? ""));
  }

  async #serve({ page }: Target, response: http.ServerResponse, gzip: boolean): Promise<void> {
    const type = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
    response.writeHead(200, gzip ? { ...type, "content-encoding": "gzip" } : type);
    const body = gzip ? createGzip({ level: constants.Z_BEST_SPEED }) : response;
    if (body !== response) {
      body.pipe(response);
    }
    const closed = new Promise<void>((resolve) => {
      response.once("close", resolve);
    });
    page.move();
    let bytes = 0;
    for (const chunk of page.chunks(CHUNK_BYTES, () => this.#take())) {
      bytes += chunk.length;
      const flowing = body.write(chunk, () => this.#give(chunk));
      if (!flowing) {
        await Promise.race([once(body, "drain"), closed]);
      }
      if (response.destroyed) {
        return;
      }
    }
    body.end();
    await Promise.race([once(response, "finish"), closed]);
    if (response.writableFinished) {
      this.#scrapes++;
      this.#samples += page.samples;
      this.#kept += page.kept;
      this.#bytes += bytes;
    }
  }

  #take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES + LINE_ROOM);
  }

  #give(chunk: Buffer): void {
    if (this.#free.length < MAX_FREE_CHUNKS) {
      this.#free.push(Buffer.from(chunk.buffer));
    }
  }
}

function ticksMissed({ askedAtMs, intervalMs }: Target, now: number): number {
  const gap = askedAtMs === undefined ? 0 : (now - askedAtMs) / intervalMs;
  return gap > LATE ? Math.round(gap) - 1 : 0;
}
