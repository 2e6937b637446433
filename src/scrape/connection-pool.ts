// Measured on Node 26 (resident memory after import, bare process 41 MB): `undici` 65.6 MB, its lib/dispatcher/agent.js,
// pool.js or client.js 58.1 MB, of which node:http alone is 60.1 when imported by itself. A scrape needs one connection
// for itself, so the client is enough and the pool is ours.

import type { Socket } from "node:net";
import Client from "undici/lib/dispatcher/client.js";
import { type Endpoint, openSocket } from "./connector.ts";
import { SocketReads } from "./socket-reads.ts";
import type { TlsIdentity } from "./tls-identity.ts";

const KEEP_ALIVE_MS = 90_000;
/** A server's own hint (`Keep-Alive: timeout=5`) is undercut by this, so that we do not write into its closing. */
const KEEP_ALIVE_MARGIN_MS = 1_000;
const IDLE_PER_ENDPOINT = 2;

/** One connection to one endpoint, lent to one exchange at a time: a slow page never delays another of its origin. */
export class Connection {
  readonly key: string;
  readonly endpoint: Endpoint;
  readonly client: Client;
  readonly reads = new SocketReads();
  /** It has carried a whole answer before, so the peer may have closed it meanwhile. */
  used = false;
  connectTimeoutMs = 0;
  /** Of its socket: undici keeps the last one, which tells less. */
  firstError: Error | undefined;
  #socket: Socket | undefined;

  constructor(key: string, endpoint: Endpoint) {
    this.key = key;
    this.endpoint = endpoint;
    this.client = new Client(endpoint.url.origin, {
      connect: (_options, opened) => {
        this.#socket = openSocket(endpoint, this.reads, this.connectTimeoutMs, opened);
        this.#socket.on("error", (error) => {
          this.firstError ??= error;
        });
      },
      allowH2: false,
      pipelining: 1,
      maxHeaderSize: endpoint.headerBytes,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      keepAliveTimeoutThreshold: KEEP_ALIVE_MARGIN_MS,
    });
  }

  /** Cuts whatever is going on, a connection attempt included. */
  destroy(): Promise<void> {
    this.#socket?.destroy();
    return this.client.destroy();
  }
}

/** Keeps idle connections for the next scrape, by endpoint; bounded, the longest idle goes first. */
export class ConnectionPool {
  readonly #maxIdle: number;
  /** Idle connections in the order in which they became idle. */
  readonly #idle = new Set<Connection>();
  readonly #byKey = new Map<string, Connection[]>();
  readonly #lent = new Set<Connection>();
  readonly #closing = new Set<Promise<void>>();
  #closed = false;

  constructor(maxIdle: number) {
    this.#maxIdle = maxIdle;
  }

  get idleCount(): number {
    return this.#idle.size;
  }

  /** `fresh`: not one that was used before (a kept one has just turned out to be stale). */
  take(endpoint: Endpoint, connectTimeoutMs: number, fresh: boolean): Connection {
    const key = keyOf(endpoint);
    const kept = fresh ? undefined : this.#byKey.get(key)?.at(-1);
    if (kept !== undefined) {
      this.#removeIdle(kept);
    }
    const connection = kept ?? this.#open(key, endpoint);
    connection.connectTimeoutMs = connectTimeoutMs;
    this.#lent.add(connection);
    return connection;
  }

  /** Ends a loan. `reusable`: a whole answer was read and nothing is left on the wire. */
  give(connection: Connection, reusable: boolean): void {
    this.#lent.delete(connection);
    const siblings = this.#byKey.get(connection.key);
    const retired = connection.endpoint.identity?.retired === true;
    const full = siblings !== undefined && siblings.length >= IDLE_PER_ENDPOINT;
    if (!reusable || this.#closed || retired || full || connection.client.destroyed) {
      this.#discard(connection);
      return;
    }
    connection.used = true;
    this.#idle.add(connection);
    if (siblings === undefined) {
      this.#byKey.set(connection.key, [connection]);
    } else {
      siblings.push(connection);
    }
    this.#trim();
  }

  /** Closes the idle connections `matches` picks; those lent out end with their exchange. */
  drop(matches: (endpoint: Endpoint) => boolean): void {
    for (const connection of [...this.#idle]) {
      if (matches(connection.endpoint)) {
        this.#removeIdle(connection);
        this.#discard(connection);
      }
    }
  }

  uses(identity: TlsIdentity): boolean {
    const made = (connection: Connection): boolean => connection.endpoint.identity === identity;
    return [...this.#idle].some(made) || [...this.#lent].some(made);
  }

  retire(identity: TlsIdentity): void {
    this.drop((endpoint) => endpoint.identity === identity);
  }

  /** Cuts every connection, lent ones too, and waits until their sockets are closed. */
  async close(): Promise<void> {
    this.#closed = true;
    this.drop(() => true);
    for (const connection of this.#lent) {
      this.#discard(connection);
    }
    await Promise.all(this.#closing);
  }

  #open(key: string, endpoint: Endpoint): Connection {
    const connection = new Connection(key, endpoint);
    connection.client.on("disconnect", () => {
      // The peer or the keep-alive timer closed it; undici is still inside its own bookkeeping here.
      queueMicrotask(() => {
        if (this.#removeIdle(connection)) {
          this.#discard(connection);
        }
      });
    });
    return connection;
  }

  #trim(): void {
    while (this.#idle.size > this.#maxIdle) {
      const [longest] = this.#idle;
      if (longest === undefined) {
        return;
      }
      this.#removeIdle(longest);
      this.#discard(longest);
    }
  }

  #removeIdle(connection: Connection): boolean {
    if (!this.#idle.delete(connection)) {
      return false;
    }
    const rest = this.#byKey.get(connection.key)?.filter((other) => other !== connection) ?? [];
    if (rest.length === 0) {
      this.#byKey.delete(connection.key);
    } else {
      this.#byKey.set(connection.key, rest);
    }
    return true;
  }

  #discard(connection: Connection): void {
    const closing = connection.destroy().catch(() => {
      // A second destroy of one client may reject; closed is closed.
    });
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }
}

function keyOf(endpoint: Endpoint): string {
  const serial = endpoint.identity?.serial ?? 0;
  return `${endpoint.url.origin} ${endpoint.headerBytes} ${serial} ${endpoint.udsPath ?? ""}`;
}
