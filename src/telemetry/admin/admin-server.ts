import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Clock } from "../../clock.ts";
import { KIB, MINUTE, SECOND } from "../../units.ts";
import { type AdminPage, type AdminRequest, type AdminSource, adminPage } from "./admin-pages.ts";
import { parseListenAddress } from "./listen-address.ts";

export type AdminStart =
  | { readonly kind: "listening"; readonly host: string; readonly port: number }
  | {
      readonly kind: "failed";
      readonly reason: "bad_address" | "port_taken" | "not_permitted" | "listen_failed";
      /** For people, with the address. */
      readonly detail: string;
    };

export interface AdminServerOptions {
  /** `host:port`, see `parseListenAddress`. */
  readonly listen: string;
  readonly source: AdminSource;
  /** Others than this machine may ask for everything. */
  readonly trustRemote?: boolean;
  readonly clock: Clock;
  /** A page could not be made (the asker gets a 500 without particulars) or a connection not be taken. */
  readonly trouble: (error: unknown) => void;
}

/** Enough for people and scrapers together, far below the descriptors a node gives. */
const MAX_CONNECTIONS = 64;
/** Answers under way when the server stops may take so long. */
const STOP_GRACE_MS = SECOND;
const compress = promisify(gzip);
// Not imported: that reads each export of `node:http`, WebSocket among them, and so loads Node's own copy of undici. Resident
// memory of a process that does nothing else (Node 26.10): bare 41 MiB, with the import 60, so 45.
const { createServer } = process.getBuiltinModule("node:http");

/** Serves metrics, health and the state of the targets over HTTP/1.1. */
export class AdminServer {
  readonly #options: AdminServerOptions;
  readonly #server = createServer(
    {
      maxHeaderSize: 8 * KIB,
      headersTimeout: 5 * SECOND,
      requestTimeout: 10 * SECOND,
      connectionsCheckingInterval: 5 * SECOND,
      // Longer than the longest usual interval, so that a scraper keeps its connection.
      keepAliveTimeout: 2 * MINUTE,
    },
    (request, response) => void this.#answer(request, response),
  );
  #stopped: Promise<void> | undefined;

  constructor(options: AdminServerOptions) {
    this.#options = options;
    this.#server.maxConnections = MAX_CONNECTIONS;
    // A reader that takes nothing for so long is gone; idle keep-alive has its own limit.
    this.#server.setTimeout(30 * SECOND);
  }

  /** Listens until `signal` aborts or `stop()`. That it cannot is a value: the process says it and exits with 1. */
  async start(signal: AbortSignal): Promise<AdminStart> {
    const { listen } = this.#options;
    const address = parseListenAddress(listen);
    if (address.kind === "bad") {
      return { kind: "failed", reason: "bad_address", detail: address.detail };
    }
    const { host, port } = address;
    try {
      this.#server.listen({ port, ...(host === "" ? {} : { host }) });
      await once(this.#server, "listening");
    } catch (error) {
      return listenFailure(listen, error as NodeJS.ErrnoException);
    }
    const bound = boundAddress(this.#server.address() as AddressInfo);
    // Out of descriptors, say: the connection is lost, the server is not.
    this.#server.on("error", this.#options.trouble);
    if (signal.aborted) {
      await this.stop();
    }
    signal.addEventListener("abort", () => void this.stop(), { once: true });
    return { kind: "listening", ...bound };
  }

  /** Resolves when every connection is closed; answers under way get a second to finish. */
  stop(): Promise<void> {
    this.#stopped ??= this.#close();
    return this.#stopped;
  }

  async #close(): Promise<void> {
    if (!this.#server.listening) {
      return;
    }
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeIdleConnections();
    const graceOver = new AbortController();
    const grace = this.#options.clock.sleep(STOP_GRACE_MS, graceOver.signal);
    await Promise.race([closed, grace]);
    graceOver.abort();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A connection that breaks is the asker's trouble.
    response.on("error", () => {});
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("Allow", "GET, HEAD");
      const body = "only GET and HEAD\n";
      return send(request, response, { status: 405, contentType: "text/plain", body });
    }
    const [path = "/", query = ""] = (request.url ?? "/").split(/\?(.*)/s, 2);
    const asked: AdminRequest = {
      path,
      query: new URLSearchParams(query),
      trusted: this.#options.trustRemote === true || isFromThisMachine(request),
    };
    try {
      await send(request, response, await adminPage(asked, this.#options.source));
    } catch (error) {
      this.#options.trouble(error);
      const body = "the page could not be made\n";
      await send(request, response, { status: 500, contentType: "text/plain", body });
    }
  }
}

/** By address and by name: a browser on this machine may be made to ask for a foreign page's sake, under that page's name. */
function isFromThisMachine({ socket, headers }: IncomingMessage): boolean {
  const address = /^(?:::ffff:)?127\.[\d.]+$|^::1$/.test(socket.remoteAddress ?? "");
  const name = /^(?:localhost|127\.[\d.]+|\[::1\])(?::\d+)?$/i.test(headers.host ?? "");
  return address && name;
}

function boundAddress({ address, port }: AddressInfo): { host: string; port: number } {
  return { host: address, port };
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, contentType, body }: AdminPage,
): Promise<void> {
  const zipped = acceptsGzip(request.headers["accept-encoding"]);
  const bytes = zipped ? await compress(body, { level: 1 }) : Buffer.from(body);
  response.writeHead(status, {
    "Content-Type": contentType,
    "Content-Length": bytes.length,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    Vary: "Accept-Encoding",
    ...(zipped ? { "Content-Encoding": "gzip" } : {}),
    // What was sent along is not read: the next request would begin in its midst.
    ...(hasBody(request) ? { Connection: "close" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

/** Only when named: `*` alone is what clients send that did not think of it. */
function acceptsGzip(accepted: string | string[] | undefined): boolean {
  return String(accepted ?? "")
    .split(",")
    .some((coding) => {
      const [name, weight] = coding
        .trim()
        .toLowerCase()
        .split(/\s*;\s*q=/);
      return name === "gzip" && Number(weight ?? 1) > 0;
    });
}

function listenFailure(listen: string, error: NodeJS.ErrnoException): AdminStart {
  switch (error.code) {
    case "EADDRINUSE":
      return {
        kind: "failed",
        reason: "port_taken",
        detail: `${listen} is in use by another process; set ENV_HTTP_LISTEN to another host:port`,
      };
    case "EACCES":
      return {
        kind: "failed",
        reason: "not_permitted",
        detail: `not permitted to listen on ${listen}`,
      };
    default:
      return {
        kind: "failed",
        reason: "listen_failed",
        detail: `cannot listen on ${listen}: ${error.code ?? error.message}`,
      };
  }
}
