import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { ApiAccess } from "../../src/discovery/kubernetes/api/api-access.ts";
import { CoreEvents } from "./kube-core-events.ts";
import { KubeStore, type StoredEvent } from "./kube-store.ts";

export interface KubeApiOptions {
  /** PEM: then it speaks TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Tokens it takes; empty: none is asked for. */
  readonly tokens?: readonly string[];
  /** Milliseconds between bookmarks; a real server has a minute. 0: never. */
  readonly bookmarkMs?: number;
  readonly port?: number;
}

interface Watch {
  readonly node: string;
  readonly response: ServerResponse;
  readonly socket: Socket;
  frozen: boolean;
}

type Failure = { readonly status: number; readonly retryAfter?: string; readonly message?: string };

/**
 * A Kubernetes API server as far as the agent may use it: pods of one node by list and watch, and Events where they are on.
 * Strict: any other verb, path, header or parameter is a violation, and `violations` has to be empty at the end of a test.
 */
export class KubeApi {
  readonly store = new KubeStore(1000);
  readonly events = new CoreEvents();
  readonly violations: string[] = [];
  readonly requests: string[] = [];
  tokens: readonly string[];
  /** Verbs that the role of the agent lacks. */
  denied: readonly ("list" | "watch")[] = [];
  /** Says instead of the true version in bookmarks. */
  lie: ((version: number) => number) | undefined;
  #options: KubeApiOptions;
  #server: Server | undefined;
  #port = 0;
  readonly #sockets = new Set<Socket>();
  readonly #watches = new Set<Watch>();
  readonly #failures: Failure[] = [];
  #expireContinue = 0;
  #bookmarks: NodeJS.Timeout | undefined;

  private constructor(options: KubeApiOptions) {
    this.#options = options;
    this.tokens = options.tokens ?? [];
    this.store.onEvent = (event) => this.#broadcast(event);
  }

  /** Listens on 127.0.0.1; ends with the test. */
  static async start(options: KubeApiOptions = {}): Promise<KubeApi> {
    const api = new KubeApi(options);
    await api.up();
    onTestFinished(() => api.down());
    const every = options.bookmarkMs ?? 500;
    if (every > 0) {
      api.#bookmarks = setInterval(() => api.sendBookmarks(), every);
      api.#bookmarks.unref();
      onTestFinished(() => clearInterval(api.#bookmarks));
    }
    return api;
  }

  get url(): string {
    return `${this.#options.tls === undefined ? "http" : "https"}://127.0.0.1:${this.#port}`;
  }

  get access(): ApiAccess {
    return { server: new URL(this.url), insecureSkipVerify: false };
  }

  get watching(): number {
    return this.#watches.size;
  }

  /** Serves again on the port it had; another certificate may be given. */
  async up(tls = this.#options.tls): Promise<void> {
    this.#options = { ...this.#options, ...(tls === undefined ? {} : { tls }) };
    const onRequest = (request: IncomingMessage, response: ServerResponse) =>
      this.#answer(request, response);
    const server = tls === undefined ? createServer(onRequest) : createSecureServer(tls, onRequest);
    // Those in the middle of a TLS handshake too: `down` would wait for them.
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("error", () => socket.destroy());
    });
    server.on("secureConnection", (socket: Socket) => {
      socket.on("error", () => socket.destroy());
    });
    server.on("tlsClientError", () => {});
    // As in Go: what follows a request whose length is not told is read as the next request.
    server.on("clientError", (error, socket) => {
      if (Reflect.get(error, "code") === "ECONNRESET" || !socket.writable) {
        socket.destroy();
        return;
      }
      this.#violation(`framing: ${error.message}`);
      socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    });
    this.#server = server;
    const port = this.#port === 0 ? (this.#options.port ?? 0) : this.#port;
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", () => resolve()));
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Refuses connections and cuts those there are. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) =>
      server === undefined ? resolve() : server.close(() => resolve()),
    );
    for (const socket of this.#sockets) socket.destroy();
    this.#watches.clear();
    await closed;
  }

  /** Cuts every watch in the middle. */
  dropWatches(): void {
    for (const { socket } of this.#watches) socket.destroy();
    this.#watches.clear();
  }

  /** Ends the sending side without ending the answer. */
  halfCloseWatches(): void {
    for (const { socket } of this.#watches) socket.end();
    this.#watches.clear();
  }

  /** The peer is there no more and nobody says so: nothing more is sent on the watches there are. */
  freezeWatches(): void {
    for (const watch of this.#watches) watch.frozen = true;
  }

  /** Ends every watch as the server's time-out does. */
  endWatches(): void {
    for (const { response } of this.#watches) response.end();
    this.#watches.clear();
  }

  /** An ERROR event on every watch, which then ends. */
  errorWatches(code: number, message: string): void {
    for (const watch of this.#watches) {
      const object = { kind: "Status", apiVersion: "v1", status: "Failure", code, message };
      watch.response.end(`${JSON.stringify({ type: "ERROR", object })}\n`);
    }
    this.#watches.clear();
  }

  /** The next request gets this answer. */
  failNext(failure: Failure): void {
    this.#failures.push(failure);
  }

  /** The next `times` continue tokens are expired. */
  expireContinue(times: number): void {
    this.#expireContinue = times;
  }

  sendBookmarks(version = this.lie?.(this.store.version) ?? this.store.version): void {
    const metadata = { resourceVersion: String(version), creationTimestamp: null };
    const object = { kind: "Pod", apiVersion: "v1", metadata };
    for (const watch of this.#watches) {
      if (!watch.frozen) watch.response.write(`${JSON.stringify({ type: "BOOKMARK", object })}\n`);
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = "", url = "" } = request;
    this.requests.push(`${method} ${url}`);
    const failure = this.#failures.shift();
    if (failure !== undefined) {
      const headers = failure.retryAfter === undefined ? {} : { "Retry-After": failure.retryAfter };
      status(response, failure.status, failure.message ?? "told to fail", headers);
      return;
    }
    if (this.tokens.length > 0 && !this.tokens.includes(tokenOf(request))) {
      status(response, 401, "Unauthorized");
      return;
    }
    const { pathname, searchParams } = new URL(url, "http://api");
    if (/^(?:POST|PUT|PATCH)$/.test(method) && !isFramed(request)) {
      this.#violation(`framing: ${method} ${url} tells no length of its body`);
      status(response, 400, "the body is empty");
      return;
    }
    if (method === "POST" && this.events.owns(pathname)) {
      this.events.take(request, response, pathname, (what) => this.#violation(what));
    } else if (method === "GET" && pathname === "/api/v1/pods") {
      this.#pods(request, response, searchParams);
    } else {
      this.#violation(`${method} ${url}`);
      status(response, 403, `forbidden: ${method} ${pathname}`);
    }
  }

  #pods(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void {
    const isWatch = query.has("watch");
    const allowed = isWatch ? WATCH_PARAMETERS : LIST_PARAMETERS;
    for (const [name, value] of query) {
      if (!allowed[name]?.test(value)) this.#violation(`parameter ${name}=${value}`);
    }
    const required = isWatch ? Object.keys(WATCH_PARAMETERS) : ["fieldSelector", "limit"];
    for (const name of required) {
      if (!query.has(name)) this.#violation(`no parameter ${name}`);
    }
    if (this.denied.includes(isWatch ? "watch" : "list")) {
      status(response, 403, forbidden(isWatch ? "watch" : "list"));
      return;
    }
    if (request.headers.accept !== "application/json") this.#violation("Accept");
    if (!/^promline\//.test(request.headers["user-agent"] ?? "")) this.#violation("User-Agent");
    const node = (query.get("fieldSelector") ?? "").replace("spec.nodeName=", "");
    if (isWatch) {
      this.#watch(request, response, node, query);
    } else {
      this.#list(response, node, Number(query.get("limit")), query.get("continue"));
    }
  }

  #list(response: ServerResponse, node: string, limit: number, next: string | null): void {
    const all = this.store.objects(node);
    let version = this.store.version;
    let start = 0;
    if (next !== null) {
      const [from = "", after = ""] = Buffer.from(next, "base64").toString().split(" ");
      version = Number(from);
      if (this.#expireContinue > 0 || version < this.store.oldest) {
        this.#expireContinue = Math.max(0, this.#expireContinue - 1);
        status(response, 410, "The provided continue parameter is too old");
        return;
      }
      start = all.findIndex(([key]) => key > after);
      start = start < 0 ? all.length : start;
    }
    const page = all.slice(start, start + limit);
    const last = page.at(-1)?.[0] ?? "";
    const more = start + limit < all.length;
    const token = Buffer.from(`${version} ${last}`).toString("base64");
    const metadata = {
      resourceVersion: String(version),
      ...(more ? { continue: token, remainingItemCount: all.length - start - limit } : {}),
    };
    const items = page.map(([, object]) => object);
    const list = { kind: "PodList", apiVersion: "v1", metadata, items };
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(list));
  }

  #watch(
    request: IncomingMessage,
    response: ServerResponse,
    node: string,
    query: URLSearchParams,
  ): void {
    const version = Number(query.get("resourceVersion"));
    if (version < this.store.oldest) {
      status(response, 410, `too old resource version: ${version} (${this.store.oldest})`);
      return;
    }
    if (version > this.store.version) {
      const told = `Timeout: Too large resource version: ${version}, current: ${this.store.version}`;
      status(response, 504, told, { "Retry-After": "1" });
      return;
    }
    response.writeHead(200, { "Content-Type": "application/json" });
    response.flushHeaders();
    const watch: Watch = { node, response, socket: request.socket, frozen: false };
    this.#watches.add(watch);
    const seconds = Number(query.get("timeoutSeconds"));
    const timer = setTimeout(() => response.end(), seconds * 1000);
    response.on("close", () => {
      clearTimeout(timer);
      this.#watches.delete(watch);
    });
    for (const event of this.store.eventsAfter(version)) send(watch, event);
  }

  #broadcast(event: StoredEvent): void {
    for (const watch of this.#watches) send(watch, event);
  }

  #violation(what: string): void {
    this.violations.push(what);
  }
}

const SELECTOR = /^spec\.nodeName=[a-z0-9.-]+$/;
const LIST_PARAMETERS: Readonly<Record<string, RegExp>> = {
  fieldSelector: SELECTOR,
  limit: /^[1-9]\d{0,2}$/,
  continue: /^[\w+/=]+$/,
};
const WATCH_PARAMETERS: Readonly<Record<string, RegExp>> = {
  fieldSelector: SELECTOR,
  watch: /^true$/,
  allowWatchBookmarks: /^true$/,
  resourceVersion: /^[1-9]\d*$/,
  timeoutSeconds: /^[1-9]\d*$/,
};

function send(watch: Watch, { node, type, object }: StoredEvent): void {
  if (!watch.frozen && node === watch.node) {
    watch.response.write(`${JSON.stringify({ type, object })}\n`);
  }
}

function isFramed({ headers }: IncomingMessage): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

/** In the words of a real server. */
function forbidden(verb: string): string {
  const user = "system:serviceaccount:promline:promline";
  return `pods is forbidden: User "${user}" cannot ${verb} resource "pods" in API group "" at the cluster scope`;
}

function tokenOf(request: IncomingMessage): string {
  return (request.headers.authorization ?? "").replace(/^Bearer /, "");
}

function status(
  response: ServerResponse,
  code: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = { kind: "Status", apiVersion: "v1", status: "Failure", code, message };
  response
    .writeHead(code, { "Content-Type": "application/json", ...headers })
    .end(JSON.stringify(body));
}
