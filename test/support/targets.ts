import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { onTestFinished } from "vitest";

/** How one path of the server behaves. */
export type TargetBehaviour =
  | {
      readonly kind: "page";
      readonly body: string | Uint8Array;
      readonly contentType?: string;
      readonly status?: number;
      readonly encoding?: "gzip" | "deflate" | "br" | "zstd";
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Takes the request and never answers. */
  | { readonly kind: "hang" }
  /** Answers the head and `body`, then nothing more, and never ends. */
  | { readonly kind: "stall"; readonly body: string }
  /** One byte of `body` every `everyMs`. */
  | { readonly kind: "drip"; readonly body: string; readonly everyMs: number }
  /** Cuts the connection in place of an answer. */
  | { readonly kind: "reset" }
  /** Promises more bytes than it sends. */
  | { readonly kind: "cut"; readonly body: string }
  /** Well-formed samples for as long as somebody reads, about 12 MB a second. */
  | { readonly kind: "endless" }
  /** One line without an end, as fast. */
  | { readonly kind: "endless-line" }
  | { readonly kind: "redirect"; readonly location: string; readonly status?: number }
  /** Asks `read` for a page at each request and keeps what it gave in `record`. */
  | {
      readonly kind: "relay";
      readonly read: () => Promise<string>;
      readonly record: { readonly at: number; readonly page: string }[];
    };

export interface Hit {
  /** Unix milliseconds of the request's arrival. */
  readonly at: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export const TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

export function page(body: string | Uint8Array, contentType = TEXT_FORMAT): TargetBehaviour {
  return { kind: "page", body, contentType };
}

/** Bytes of no format, the same each time. */
export function garbage(bytes = 4096): TargetBehaviour {
  let state = 12345;
  const body = Uint8Array.from({ length: bytes }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 24;
  });
  return page(body);
}

/** Exposition targets on one port of loopback, one behaviour for each path. It is closed when the test ends. */
export class TargetServer {
  readonly #behaviours = new Map<string, TargetBehaviour>();
  readonly #hits = new Map<string, Hit[]>();
  readonly #server: Server;
  readonly #timers = new Set<NodeJS.Timeout>();

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** On a free port of 127.0.0.1, or where `at` says. */
  static async start(
    pages: Readonly<Record<string, TargetBehaviour>> = {},
    at: { readonly host: string; readonly port: number } = { host: "127.0.0.1", port: 0 },
  ): Promise<TargetServer> {
    const targets = new TargetServer();
    for (const [path, behaviour] of Object.entries(pages)) {
      targets.set(path, behaviour);
    }
    await new Promise<void>((resolve, reject) => {
      targets.#server.once("error", reject);
      targets.#server.listen(at.port, at.host, resolve);
    });
    onTestFinished(() => targets.stop());
    return targets;
  }

  /** `127.0.0.1:port` */
  get address(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `${address.includes(":") ? `[${address}]` : address}:${port}`;
  }

  url(path: string): string {
    return `http://${this.address}${path}`;
  }

  set(path: string, behaviour: TargetBehaviour): void {
    this.#behaviours.set(path, behaviour);
  }

  hits(path: string): readonly Hit[] {
    return this.#hits.get(path) ?? [];
  }

  stop(): Promise<void> {
    for (const timer of this.#timers) {
      clearInterval(timer);
    }
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? "/";
    const hits = this.#hits.get(path) ?? [];
    hits.push({ at: Date.now(), headers: request.headers });
    this.#hits.set(path, hits);
    // A client that goes away is what several behaviours provoke.
    response.on("error", () => undefined);
    const behaviour = this.#behaviours.get(path);
    if (behaviour === undefined) {
      response.writeHead(404).end();
    } else {
      this.#behave(behaviour, response);
    }
  }

  #behave(behaviour: TargetBehaviour, response: ServerResponse): void {
    switch (behaviour.kind) {
      case "page":
        sendPage(behaviour, response);
        return;
      case "hang":
        return;
      case "stall":
        response.writeHead(200, { "Content-Type": TEXT_FORMAT });
        response.write(behaviour.body);
        return;
      case "drip":
        this.#drip(behaviour, response);
        return;
      case "reset":
        response.socket?.resetAndDestroy();
        return;
      case "cut":
        response.writeHead(200, {
          "Content-Type": TEXT_FORMAT,
          "Content-Length": String(Buffer.byteLength(behaviour.body) + 1000),
        });
        response.write(behaviour.body, () => response.destroy());
        return;
      case "endless":
        this.#pour(response, samplesFrom);
        return;
      case "endless-line":
        this.#pour(response, () => "a".repeat(POUR_BYTES));
        return;
      case "redirect":
        response.writeHead(behaviour.status ?? 302, { Location: behaviour.location }).end();
        return;
      case "relay":
        relay(behaviour, response);
        return;
    }
  }

  #drip(behaviour: { body: string; everyMs: number }, response: ServerResponse): void {
    const bytes = Buffer.from(behaviour.body);
    let sent = 0;
    response.writeHead(200, { "Content-Type": TEXT_FORMAT });
    this.#repeat(behaviour.everyMs, response, () => {
      response.write(bytes.subarray(sent, sent + 1));
      sent += 1;
      if (sent >= bytes.length) {
        response.end();
      }
    });
  }

  #pour(response: ServerResponse, make: (start: number) => string): void {
    let count = 0;
    response.writeHead(200, { "Content-Type": TEXT_FORMAT });
    this.#repeat(POUR_EVERY_MS, response, () => {
      if (!response.writableNeedDrain) {
        response.write(make(count));
        count += 1;
      }
    });
  }

  #repeat(everyMs: number, response: ServerResponse, step: () => void): void {
    const timer = setInterval(step, everyMs);
    this.#timers.add(timer);
    response.once("close", () => {
      clearInterval(timer);
      this.#timers.delete(timer);
    });
  }
}

const POUR_BYTES = 256 * 1024;
const POUR_EVERY_MS = 20;

function samplesFrom(start: number): string {
  const lines: string[] = [];
  for (let size = 0; size < POUR_BYTES; ) {
    const line = `endless_samples{series="${start}-${lines.length}"} ${lines.length}\n`;
    lines.push(line);
    size += line.length;
  }
  return lines.join("");
}

function sendPage(
  behaviour: Extract<TargetBehaviour, { kind: "page" }>,
  response: ServerResponse,
): void {
  const plain = Buffer.from(behaviour.body);
  const body = behaviour.encoding === undefined ? plain : COMPRESS[behaviour.encoding](plain);
  response.writeHead(behaviour.status ?? 200, {
    ...(behaviour.contentType === undefined ? {} : { "Content-Type": behaviour.contentType }),
    ...(behaviour.encoding === undefined ? {} : { "Content-Encoding": behaviour.encoding }),
    "Content-Length": String(body.length),
    ...behaviour.headers,
  });
  response.end(body);
}

function relay(
  { read, record }: Extract<TargetBehaviour, { kind: "relay" }>,
  response: ServerResponse,
): void {
  read().then(
    (text) => {
      record.push({ at: Date.now(), page: text });
      response.writeHead(200, { "Content-Type": TEXT_FORMAT }).end(text);
    },
    (error: unknown) => response.writeHead(502).end(String(error)),
  );
}

const COMPRESS: Record<"gzip" | "deflate" | "br" | "zstd", (body: Buffer) => Buffer> = {
  gzip: (body) => gzipSync(body),
  deflate: (body) => deflateSync(body),
  br: (body) => brotliCompressSync(body),
  zstd: (body) => zstdCompressSync(body),
};
