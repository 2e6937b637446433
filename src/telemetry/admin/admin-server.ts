import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type Clock, WAIT_OVER } from "../../clock.ts";
import { KIB, MINUTE, SECOND } from "../../units.ts";
import { adminAccess } from "./admin-access.ts";
import { type AdminPage, type AdminRequest, type AdminSource, adminPage } from "./admin-pages.ts";
import { AdminToken, type AdminTokenSource } from "./admin-token.ts";
import { ConnectionTable } from "./connection-table.ts";
import { parseListenAddress } from "./listen-address.ts";
import { PageLine } from "./page-line.ts";

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
  /** What lets others than this machine see everything. Absent: nothing does. */
  readonly token?: AdminTokenSource;
  readonly clock: Clock;
  /** A page could not be made (the asker gets a 500 without particulars) or a connection not be taken. */
  readonly trouble: (error: unknown) => void;
}

/** The longest that an answer may take to be made and read. */
const ANSWER_MS = 30 * SECOND;
/** Shorter answers are not worth compressing, and wait for no thread: health is among them. */
const LEAST_GZIP_BYTES = KIB;
/** Answers under way when the server stops may take so long. */
const STOP_GRACE_MS = SECOND;
const compress = promisify(gzip);
// Not imported: that reads each export of `node:http`, WebSocket among them, and so loads Node's own copy of undici. Resident
// memory of a process that does nothing else (Node 26.10): bare 41 MiB, with the import 60, so 45.
const { createServer } = process.getBuiltinModule("node:http");

/** Serves metrics, health and the state of the targets over HTTP/1.1. */
export class AdminServer {
  readonly #options: AdminServerOptions;
  readonly #token: AdminToken | undefined;
  readonly #connections = new ConnectionTable();
  readonly #line = new PageLine(() => this.#connections.arrivals);
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
    const { clock, token, trouble } = options;
    this.#options = options;
    this.#token = token && new AdminToken(token, clock, trouble);
    this.#server.on("connection", (socket: Socket) => this.#connections.add(socket));
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
    await this.#token?.check();
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
    const { socket } = request;
    this.#limit(socket, response);
    const page = isHealth(request)
      ? await this.#page(request)
      : await this.#line.inTurn(
          () => !socket.destroyed,
          () => this.#page(request),
        );
    if (page === undefined) {
      return;
    }
    const zips =
      acceptsGzip(request.headers["accept-encoding"]) && page.body.length >= LEAST_GZIP_BYTES;
    const bytes = zips ? await compress(page.body, { level: 1 }) : Buffer.from(page.body);
    this.#connections.answering(socket, bytes.length);
    send(request, response, page, bytes, zips);
  }

  /** An answer that is read too slowly ends with its connection; bytes that drip do not prolong that. */
  #limit(socket: Socket, response: ServerResponse): void {
    this.#connections.answering(socket, 0);
    const closed = new AbortController();
    response.once("close", () => {
      closed.abort(WAIT_OVER);
      this.#connections.answered(socket);
    });
    void this.#options.clock.sleep(ANSWER_MS, closed.signal).then(() => {
      if (!closed.signal.aborted) {
        socket.destroy();
      }
    });
  }

  async #page({ method, url = "/", headers, socket }: IncomingMessage): Promise<AdminPage> {
    if (method !== "GET" && method !== "HEAD") {
      const body = "only GET and HEAD\n";
      return { status: 405, contentType: "text/plain", body, headers: { Allow: "GET, HEAD" } };
    }
    const [path = "/", query = ""] = url.split(/\?(.*)/s, 2);
    const asker = { address: socket.remoteAddress, headers };
    const asked: AdminRequest = {
      path,
      query: new URLSearchParams(query),
      access: () => adminAccess(asker, this.#token),
    };
    try {
      return await adminPage(asked, this.#options.source);
    } catch (error) {
      this.#options.trouble(error);
      return { status: 500, contentType: "text/plain", body: "the page could not be made\n" };
    }
  }
}

function boundAddress({ address, port }: AddressInfo): { host: string; port: number } {
  return { host: address, port };
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, contentType, headers }: AdminPage,
  bytes: Uint8Array,
  zipped: boolean,
): void {
  response.writeHead(status, {
    "Content-Type": contentType,
    "Content-Length": bytes.length,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    Vary: "Accept-Encoding, Authorization",
    ...headers,
    ...(zipped ? { "Content-Encoding": "gzip" } : {}),
    // What was sent along is not read: the next request would begin in its midst.
    ...(hasBody(request) ? { Connection: "close" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

/** Made at once, before all that waits. */
function isHealth({ url = "" }: IncomingMessage): boolean {
  return /^\/-\/(?:healthy|ready)(?:\?|$)/.test(url);
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
