import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { onTestFinished } from "vitest";
import { checkWrite } from "./dataway-contract.ts";
import { type Point, readLineProtocol } from "./line-protocol.ts";

/** One POST as the stand-in received it. */
export interface ReceivedWrite {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As sent. */
  readonly wire: Buffer;
  /** Inflated, empty where that failed. */
  readonly body: Buffer;
  readonly points: readonly Point[];
  /** Unix milliseconds. */
  readonly at: number;
  /** What it was answered. */
  verdict: Verdict;
}

/**
 * An answer: a status, at once or after a delay; nothing at all (`hang`); a connection reset before the answer; or an answer
 * that breaks off within its status line (`half`).
 */
export type Verdict =
  | {
      readonly kind: "status";
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly delayMs?: number;
    }
  | { readonly kind: "hang" }
  | { readonly kind: "reset" }
  | { readonly kind: "half" };

/** One question for the time as the stand-in received it. */
interface ReceivedQuestion {
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface DatawayOptions {
  readonly token?: string;
  /** Where it listens. Default: 127.0.0.1. */
  readonly host?: string;
  /** How far its clock is ahead of this machine's, in milliseconds. Default: 0. */
  readonly aheadMs?: number;
  /** What it answers when asked for its time; `undefined`: its time. Default: that. */
  readonly time?: () => Verdict | undefined;
  /** Asked for each well-formed write, `index` counts them from 0. Default: 200. */
  readonly verdict?: (write: ReceivedWrite, index: number) => Verdict;
  /** Asked for each point; the others, and all bodies, are let go of once checked. Default: everything is kept. */
  readonly keep?: (point: Point) => boolean;
  /** Inflated bodies above this are answered 413 before `verdict` is asked. */
  readonly rejectAboveBytes?: number;
}

const EMPTY = Buffer.alloc(0);
const ACCEPTED: Verdict = { kind: "status", status: 200 };

export function answer(status: number, headers: Readonly<Record<string, string>> = {}): Verdict {
  return { kind: "status", status, headers };
}

/**
 * A DataWay that keeps what it gets, answers as the test says, and notes every breach of the contract of section 5 of the
 * specification in `violations`, which a test expects to be empty. It is closed when the test ends.
 */
export class Dataway {
  readonly writes: ReceivedWrite[] = [];
  readonly questions: ReceivedQuestion[] = [];
  readonly violations: string[] = [];
  readonly #options: DatawayOptions;
  readonly #server: Server;
  readonly #acceptedIds = new Set<string>();

  private constructor(options: DatawayOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#receive(request, response).catch((error: unknown) => {
        this.violations.push(`the request broke off: ${String(error)}`);
        response.destroy();
      });
    });
  }

  static async start(options: DatawayOptions = {}): Promise<Dataway> {
    const dataway = new Dataway({ token: DEFAULT_TOKEN, ...options });
    await new Promise<void>((resolve) =>
      dataway.#server.listen(0, options.host ?? "127.0.0.1", resolve),
    );
    onTestFinished(() => dataway.stop());
    return dataway;
  }

  /** As it stands in ENV_DATAWAY, with the token. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://${this.#options.host ?? "127.0.0.1"}:${port}?token=${this.#options.token}`;
  }

  /** Writes answered 2xx, in order. */
  get accepted(): readonly ReceivedWrite[] {
    return this.writes.filter(({ verdict }) => isAccepted(verdict));
  }

  /** Points of accepted writes of a category. */
  points(category: "metric" | "logging" = "metric"): readonly Point[] {
    return this.accepted
      .filter(({ path }) => path === `/v1/write/${category}`)
      .flatMap(({ points }) => points);
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://dataway");
    const wire = Buffer.concat(await request.toArray());
    if (url.pathname === "/v1/ntp") {
      await this.#tellTime(request, url, response);
      return;
    }
    const { body, points, troubles } = read(wire);
    let write: ReceivedWrite = {
      method: request.method ?? "",
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      ...{ wire, body, points, at: Date.now(), verdict: ACCEPTED },
    };
    const breaches = [...troubles, ...checkWrite(write, this.#options.token ?? "")];
    const id = String(request.headers["x-pkg-id"]);
    if (this.#acceptedIds.has(id)) {
      breaches.push(`X-Pkg-Id ${id} was accepted before`);
    }
    this.violations.push(...breaches.map((breach) => `${write.method} ${write.path}: ${breach}`));
    write.verdict = breaches.length > 0 ? answer(400) : this.#judge(write);
    const { keep } = this.#options;
    if (keep !== undefined) {
      write = { ...write, wire: EMPTY, body: EMPTY, points: write.points.filter(keep) };
    }
    this.writes.push(write);
    if (isAccepted(write.verdict)) {
      this.#acceptedIds.add(id);
    }
    await send(write.verdict, response);
  }

  async #tellTime(request: IncomingMessage, url: URL, response: ServerResponse): Promise<void> {
    const { searchParams: query } = url;
    this.questions.push({ query, headers: request.headers });
    if (request.method !== "GET" || query.get("token") !== this.#options.token) {
      this.violations.push(`${request.method} /v1/ntp: not a GET with the token`);
    }
    const seconds = Math.floor((Date.now() + (this.#options.aheadMs ?? 0)) / 1000);
    const body = JSON.stringify({ timestamp_sec: seconds });
    await send(this.#options.time?.() ?? { kind: "status", status: 200, body }, response);
  }

  #judge(write: ReceivedWrite): Verdict {
    if (write.body.length > (this.#options.rejectAboveBytes ?? Number.POSITIVE_INFINITY)) {
      return answer(413);
    }
    return this.#options.verdict?.(write, this.writes.length) ?? ACCEPTED;
  }
}

const DEFAULT_TOKEN = `tkn_${"0123456789abcdef".repeat(2)}`;

function isAccepted(verdict: Verdict): boolean {
  return verdict.kind === "status" && verdict.status >= 200 && verdict.status < 300;
}

function read(wire: Buffer): { body: Buffer; points: readonly Point[]; troubles: string[] } {
  let body: Buffer = Buffer.alloc(0);
  try {
    body = gunzipSync(wire);
    return { body, points: readLineProtocol(body), troubles: [] };
  } catch (error) {
    return { body, points: [], troubles: [`unreadable body: ${String(error)}`] };
  }
}

async function send(verdict: Verdict, response: ServerResponse): Promise<void> {
  switch (verdict.kind) {
    case "status": {
      if (verdict.delayMs !== undefined) {
        await delay(verdict.delayMs);
      }
      response.writeHead(verdict.status, verdict.headers ?? {});
      response.end(verdict.body ?? "");
      return;
    }
    case "hang":
      return;
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "half":
      response.socket?.write("HTTP/1.1 20");
      // Long enough for these bytes to be on their way before the connection goes.
      await delay(20);
      response.socket?.destroy();
      return;
  }
}
