import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { FAMILY, type Points } from "./outage-points.ts";

const SERIES = 200;

/** What became of the points of one agent. */
export interface Account {
  readonly scrapes: number;
  /** Whole seconds without a scrape: the agent was not there. */
  readonly downSeconds: number;
  /** Scraped, never delivered: in seconds of all series. */
  readonly missingSeconds: number;
  /** Delivered more than once, in points. */
  readonly duplicates: number;
}

/** A target and a destination for one agent. */
export class OutageStage {
  readonly #read: (body: Buffer) => Points;
  readonly #servers: Server[] = [];
  readonly #scrapedAt: number[] = [];
  readonly #delivered = new Map<string, number>();
  /** The destination answers 503. */
  isDown = false;
  targetPort = 0;
  sinkPort = 0;

  private constructor(read: (body: Buffer) => Points) {
    this.#read = read;
  }

  static async start(read: (body: Buffer) => Points): Promise<OutageStage> {
    const stage = new OutageStage(read);
    stage.targetPort = await stage.#listen((_request, response) => {
      response.setHeader("content-type", "text/plain; version=0.0.4");
      response.end(stage.#page());
    });
    stage.sinkPort = await stage.#listen(async (request, response) => {
      const body = Buffer.concat(await request.toArray());
      // Down is down for what is read only now, too.
      response.statusCode = stage.isDown ? 503 : 204;
      // An agent may also ask for the time.
      if (!stage.isDown && request.method === "POST") {
        stage.#take(stage.#read(body));
      }
      response.end();
    });
    return stage;
  }

  account(): Account {
    const missing = [];
    for (let scrape = 1; scrape <= this.#scrapedAt.length; scrape += 1) {
      for (let series = 0; series < SERIES; series += 1) {
        if (!this.#delivered.has(`${series} ${scrape}`)) {
          missing.push(scrape);
        }
      }
    }
    const gaps = this.#scrapedAt.map((at, index) => at - (this.#scrapedAt[index - 1] ?? at));
    return {
      scrapes: this.#scrapedAt.length,
      downSeconds: gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / 1000) - 1), 0),
      missingSeconds: missing.length / SERIES,
      duplicates: [...this.#delivered.values()].reduce((sum, times) => sum + times - 1, 0),
    };
  }

  stop(): void {
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
  }

  #page(): string {
    this.#scrapedAt.push(Date.now());
    const scrape = this.#scrapedAt.length;
    let page = `# TYPE ${FAMILY} gauge\n`;
    for (let series = 0; series < SERIES; series += 1) {
      page += `${FAMILY}{series="${series}"} ${scrape}\n`;
    }
    return page;
  }

  #take(points: Points): void {
    for (const point of points) {
      this.#delivered.set(point, (this.#delivered.get(point) ?? 0) + 1);
    }
  }

  async #listen(listener: RequestListener): Promise<number> {
    const server = createServer(listener);
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  }
}
