import { once } from "node:events";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { KIB, SECOND } from "../../src/units.ts";
import { layPage } from "../workload/page-recipe.ts";
import { PageState } from "../workload/page-state.ts";
import type { ChunkPool } from "./compressed-page.ts";
import { type CompressQueue, ServedTarget } from "./served-target.ts";
import type { TargetsCount, TargetsOrder } from "./server-messages.ts";

const CHUNK_BYTES = 64 * KIB;
/** A line with its comments and its value. */
const LINE_ROOM = 8 * KIB;
/** Chunks kept for reuse. */
const MAX_FREE_CHUNKS = 64;
/** Go's `net/http` sends what its gzip writes in chunks of this size: `bufferBeforeChunkingSize`. */
const COMPRESSED_CHUNK_BYTES = 2 * KIB;

const TEXT = "text/plain; version=0.0.4; charset=utf-8";

interface SentPage {
  readonly bytes: number;
  readonly sentBytes: number;
  readonly compressed: 0 | 1;
  /** The connection is gone. */
  readonly closed: Promise<void>;
}

/** Serves the pages of a workload, each target at an address of its own, all at one port. */
export class TargetServer {
  readonly #order: TargetsOrder;
  readonly #targets = new Map<string, ServedTarget>();
  readonly #http: http.Server;
  readonly #listeners: net.Server[] = [];
  readonly #free: Buffer[] = [];
  readonly #pool: ChunkPool = {
    chunkBytes: CHUNK_BYTES,
    take: () => this.#free.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES + LINE_ROOM),
    give: (chunk) => this.#give(chunk),
  };
  #paused = false;
  #asked = 0;
  readonly #encodings: Record<string, number> = {};
  #scrapes = 0;
  #compressed = 0;
  #samples = 0;
  #kept = 0;
  #bytes = 0;
  #sentBytes = 0;

  constructor(order: TargetsOrder) {
    this.#order = order;
    this.#http = http.createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    this.#http.keepAliveTimeout = 0;
    let index = 0;
    for (const { recipe, targets, intervalSeconds, churn } of order.parts) {
      const queue: CompressQueue = { last: Promise.resolve() };
      for (let of = 0; of < targets; of++) {
        const page = new PageState(layPage(recipe, order.seed, index), order.seed + index, churn);
        const target = new ServedTarget(page, intervalSeconds * SECOND, queue);
        this.#targets.set(order.addresses[index] ?? "", target);
        index++;
      }
    }
  }

  /** Answers the port. Where targets compress, their first pages are ready by then. */
  async start(): Promise<number> {
    let port = 0;
    for (const address of this.#targets.keys()) {
      const listener = net.createServer((socket) => this.#http.emit("connection", socket));
      listener.listen(port, address);
      await once(listener, "listening");
      port = (listener.address() as AddressInfo).port;
      this.#listeners.push(listener);
    }
    if (this.#order.encoding === "negotiate") {
      await Promise.all(this.#targets.values().map((target) => target.prepare(this.#pool)));
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
      sentBytes: this.#sentBytes,
      compressed: this.#compressed,
      encodings: { ...this.#encodings },
      waiting: all.filter(({ waiting }) => waiting).length,
      missedTicks: all.reduce((sum, target) => sum + target.missedTicks(now), 0),
    };
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const target = this.#targets.get(request.socket.localAddress ?? "");
    if (target === undefined || request.method !== "GET") {
      response.writeHead(404).end();
      return;
    }
    target.note(performance.now());
    this.#asked++;
    const accepted = String(request.headers["accept-encoding"] ?? "(none)");
    this.#encodings[accepted] = (this.#encodings[accepted] ?? 0) + 1;
    if (this.#paused || target.serving) {
      response.writeHead(503).end();
      return;
    }
    const compress = this.#order.encoding === "negotiate" && /\bgzip\b/.test(accepted);
    target.serving = true;
    try {
      await (compress ? this.#serveCompressed(target, response) : this.#serve(target, response));
    } finally {
      target.serving = false;
    }
    if (compress && !this.#paused) {
      await target.prepare(this.#pool);
    }
  }

  async #serve(target: ServedTarget, response: http.ServerResponse): Promise<void> {
    const closed = closing(response);
    await target.move();
    response.writeHead(200, { "content-type": TEXT });
    let bytes = 0;
    for (const chunk of target.page.chunks(CHUNK_BYTES, this.#pool.take)) {
      bytes += chunk.length;
      if (!response.write(chunk, () => this.#give(chunk))) {
        await Promise.race([once(response, "drain"), closed]);
      }
      if (response.destroyed) {
        return;
      }
    }
    await this.#finish(target, response, { bytes, sentBytes: bytes, compressed: 0, closed });
  }

  async #serveCompressed(target: ServedTarget, response: http.ServerResponse): Promise<void> {
    const closed = closing(response);
    const { body, bytes } = await target.compressed(this.#pool);
    response.writeHead(200, { "content-type": TEXT, "content-encoding": "gzip" });
    for (let at = 0; at < body.length; at += COMPRESSED_CHUNK_BYTES) {
      if (!response.write(body.subarray(at, at + COMPRESSED_CHUNK_BYTES))) {
        await Promise.race([once(response, "drain"), closed]);
      }
      if (response.destroyed) {
        return;
      }
    }
    await this.#finish(target, response, { bytes, sentBytes: body.length, compressed: 1, closed });
  }

  /** Counts the page if it went out whole. */
  async #finish(
    { page }: ServedTarget,
    response: http.ServerResponse,
    { bytes, sentBytes, compressed, closed }: SentPage,
  ): Promise<void> {
    response.end();
    await Promise.race([once(response, "finish"), closed]);
    if (response.writableFinished) {
      this.#scrapes++;
      this.#samples += page.samples;
      this.#kept += page.kept;
      this.#bytes += bytes;
      this.#sentBytes += sentBytes;
      this.#compressed += compressed;
    }
  }

  #give(chunk: Buffer): void {
    if (this.#free.length < MAX_FREE_CHUNKS) {
      this.#free.push(Buffer.from(chunk.buffer));
    }
  }
}

function closing(response: http.ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once("close", resolve);
  });
}
