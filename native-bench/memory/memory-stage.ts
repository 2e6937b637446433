import { once } from "node:events";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { KIB } from "../../src/units.ts";
import { layPage, type PageRecipe } from "../workload/page-recipe.ts";
import { PageState } from "../workload/page-state.ts";
import { targetAddress } from "../workload/target-address.ts";

const CHUNK_BYTES = 256 * KIB;
const LINE_ROOM = 8 * KIB;
/** Values move between scrapes; more variants would only take more of the machine's memory. */
const VARIANTS = 2;
const SEED = 7;

/** How a destination behaves. `hanging` takes the request and never answers. */
export const DESTINATIONS = ["healthy", "503", "hanging"] as const;
export type DestinationMood = (typeof DESTINATIONS)[number];

/** Pages as rendered beforehand: what serves them costs next to nothing. */
type Page = readonly Uint8Array[];

/** Targets and destinations for any number of agents at the same time, all outside their memory groups. */
export class MemoryStage {
  readonly #servers: (net.Server | http.Server)[] = [];
  readonly #targets = http.createServer((request, response) => this.#serve(request, response));
  readonly #pages = new Map<string, readonly Page[]>();
  readonly #sinks = new Map<DestinationMood, number>();
  #asked = 0;
  #port = 0;

  private constructor() {
    this.#targets.keepAliveTimeout = 0;
  }

  /** Target `index` serves a page of `recipes[index]`, if it is `used`. */
  static async start(
    recipes: readonly PageRecipe[],
    used: ReadonlySet<number>,
  ): Promise<MemoryStage> {
    const stage = new MemoryStage();
    for (const [index, recipe] of recipes.entries()) {
      if (!used.has(index)) continue;
      const state = new PageState(layPage(recipe, SEED, index), SEED + index, 0);
      const variants = recipe.kind === "kube-state" ? 1 : VARIANTS;
      const pages = Array.from({ length: variants }, () => render(state));
      stage.#pages.set(targetAddress("127.0", index), pages);
      await stage.#listen(targetAddress("127.0", index));
    }
    for (const mood of DESTINATIONS) stage.#sinks.set(mood, await stage.#sink(mood));
    return stage;
  }

  targetUrl(index: number): string {
    return `http://${targetAddress("127.0", index)}:${this.#port}/metrics`;
  }

  sinkPort(mood: DestinationMood): number {
    return this.#sinks.get(mood) ?? 0;
  }

  stop(): void {
    for (const server of this.#servers) server.close();
    this.#targets.closeAllConnections();
  }

  async #listen(address: string): Promise<void> {
    const listener = net.createServer((socket) => this.#targets.emit("connection", socket));
    listener.listen(this.#port, address);
    await once(listener, "listening");
    this.#port = (listener.address() as AddressInfo).port;
    this.#servers.push(listener);
  }

  #serve(request: http.IncomingMessage, response: http.ServerResponse): void {
    const pages = this.#pages.get(request.socket.localAddress ?? "") ?? [];
    const page = pages[this.#asked++ % Math.max(1, pages.length)] ?? [];
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4" });
    void send(page, response);
  }

  async #sink(mood: DestinationMood): Promise<number> {
    const server = http.createServer((request, response) => {
      request.resume();
      if (mood === "hanging") return;
      request.once("end", () => response.writeHead(mood === "healthy" ? 204 : 503).end());
    });
    // An agent's own time-outs are to end what hangs.
    server.requestTimeout = 0;
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }
}

function render(state: PageState): Page {
  state.move();
  const room = () => Buffer.allocUnsafeSlow(CHUNK_BYTES + LINE_ROOM);
  return [...state.chunks(CHUNK_BYTES, room)];
}

async function send(page: Page, response: http.ServerResponse): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    response.once("close", resolve);
  });
  for (const chunk of page) {
    if (response.destroyed) return;
    if (response.write(chunk)) continue;
    const drained = new Promise<void>((resolve) => {
      response.once("drain", resolve);
    });
    await Promise.race([drained, closed]);
  }
  response.end();
}
