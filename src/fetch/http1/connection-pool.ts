import type { Names } from "../../dial/names.ts";
import type { TlsIdentity } from "../../tls/tls-identities.ts";
import { SECOND } from "../../units.ts";
import type { Endpoint } from "./connector.ts";
import { HttpConnection } from "./http-connection.ts";

const IDLE_PER_ENDPOINT = 2;
/** How often what has been idle too long is looked for, beside when it is asked for. */
const SWEEP_MS = 15 * SECOND;

/** Keeps idle connections for the next scrape, by endpoint; bounded, the longest idle goes first. */
export class ConnectionPool {
  readonly #maxIdle: number;
  readonly #names: Names;
  /** Idle connections in the order in which they became idle. */
  readonly #idle = new Set<HttpConnection>();
  readonly #byKey = new Map<string, HttpConnection[]>();
  readonly #lent = new Set<HttpConnection>();
  /** Destroyed, their sockets not closed yet. */
  readonly #closing = new Set<HttpConnection>();
  readonly #onClosed = (connection: HttpConnection): void => this.#wasClosed(connection);
  #sweeper: NodeJS.Timeout | undefined;
  /** Set once the pool is being closed. */
  #allClosed: PromiseWithResolvers<void> | undefined;

  constructor(maxIdle: number, names: Names) {
    this.#maxIdle = maxIdle;
    this.#names = names;
  }

  get idleCount(): number {
    return this.#idle.size;
  }

  /** `fresh`: not one that was used before (a kept one has just turned out to be stale). */
  take(endpoint: Endpoint, connectTimeoutMs: number, fresh: boolean): HttpConnection {
    const key = keyOf(endpoint);
    const kept = fresh ? undefined : this.#takeIdle(key);
    const connection = kept ?? new HttpConnection(key, endpoint, this.#names, this.#onClosed);
    connection.connectTimeoutMs = connectTimeoutMs;
    this.#lent.add(connection);
    return connection;
  }

  /** Ends a loan. `keepMs`: a whole answer was read, nothing is left on the wire and the target waits so long; 0: none of this. */
  give(connection: HttpConnection, keepMs: number): void {
    this.#lent.delete(connection);
    const siblings = this.#byKey.get(connection.key);
    const retired = connection.endpoint.identity?.retired === true;
    const full = siblings !== undefined && siblings.length >= IDLE_PER_ENDPOINT;
    const closed = this.#allClosed !== undefined || connection.destroyed;
    const nowMs = performance.now();
    if (keepMs === 0 || closed || retired || full || connection.oldAtMs <= nowMs) {
      this.#discard(connection);
      return;
    }
    connection.used = true;
    connection.rest(Math.min(nowMs + keepMs, connection.oldAtMs));
    this.#idle.add(connection);
    if (siblings === undefined) {
      this.#byKey.set(connection.key, [connection]);
    } else {
      siblings.push(connection);
    }
    this.#trim();
    this.#sweeper ??= setTimeout(() => this.#sweep(), SWEEP_MS).unref();
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
    const made = (connection: HttpConnection): boolean => connection.endpoint.identity === identity;
    return [...this.#idle].some(made) || [...this.#lent].some(made);
  }

  retire(identity: TlsIdentity): void {
    this.drop((endpoint) => endpoint.identity === identity);
  }

  /** Cuts every connection, lent ones too, and waits until their sockets are closed. */
  async close(): Promise<void> {
    this.#allClosed ??= Promise.withResolvers();
    clearTimeout(this.#sweeper);
    this.drop(() => true);
    for (const connection of this.#lent) {
      this.#discard(connection);
    }
    if (this.#closing.size > 0) {
      await this.#allClosed.promise;
    }
  }

  #takeIdle(key: string): HttpConnection | undefined {
    const nowMs = performance.now();
    for (;;) {
      const kept = this.#byKey.get(key)?.at(-1);
      if (kept === undefined) {
        return;
      }
      this.#removeIdle(kept);
      if (kept.idleUntilMs > nowMs && !kept.destroyed) {
        return kept;
      }
      this.#discard(kept);
    }
  }

  #sweep(): void {
    const nowMs = performance.now();
    for (const connection of this.#idle) {
      if (connection.idleUntilMs <= nowMs) {
        this.#removeIdle(connection);
        this.#discard(connection);
      }
    }
    this.#sweeper =
      this.#idle.size === 0 ? undefined : setTimeout(() => this.#sweep(), SWEEP_MS).unref();
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

  #removeIdle(connection: HttpConnection): void {
    if (!this.#idle.delete(connection)) {
      return;
    }
    const siblings = this.#byKey.get(connection.key) ?? [];
    if (siblings.length > 1) {
      siblings.splice(siblings.indexOf(connection), 1);
    } else {
      this.#byKey.delete(connection.key);
    }
  }

  #discard(connection: HttpConnection): void {
    if (connection.hasSocket) {
      this.#closing.add(connection);
    }
    connection.destroy();
  }

  /** The target may have closed it, or we. */
  #wasClosed(connection: HttpConnection): void {
    this.#removeIdle(connection);
    this.#closing.delete(connection);
    if (this.#closing.size === 0) {
      this.#allClosed?.resolve();
    }
  }
}

function keyOf(endpoint: Endpoint): string {
  const serial = endpoint.identity?.serial ?? 0;
  return `${endpoint.url.origin} ${endpoint.headerBytes} ${serial} ${endpoint.udsPath ?? ""}`;
}
