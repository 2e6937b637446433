import type { Clock } from "../../clock.ts";
import { knownAddresses } from "../../dial/known-addresses.ts";
import type { Names } from "../../dial/names.ts";
import { systemNames } from "../../dial/system-names.ts";
import { type Connector, UndiciDialer } from "../../dial/undici-dialer.ts";
import { connectionOptions } from "../../tls/connection-options.ts";
import { TlsIdentities, type TlsIdentity } from "../../tls/tls-identities.ts";
import { SECOND } from "../../units.ts";
import type { HttpSettings } from "../delivery-settings.ts";
import { withCleanHeads } from "./answer-heads.ts";
import type { HttpDispatcher } from "./http-exchange.ts";

const CONNECT_TIMEOUT = 10 * SECOND;
const KEEP_ALIVE_MS = 60 * SECOND;

interface Connected {
  readonly dispatcher: HttpDispatcher;
  readonly dialer: UndiciDialer;
}

/** A TLS file cannot be used; the message names it and says why. */
export class TlsFilesError extends Error {}

/**
 * The connections to one destination. They are made at the first use; where TLS files have changed since, new ones take
 * their place, while requests on the old go on to their end.
 */
export class HttpConnections {
  readonly #settings: HttpSettings;
  readonly #isTls: boolean;
  readonly #identities: TlsIdentities;
  readonly #names: Names;
  #connected: Promise<Connected> | undefined;
  /** Of `#connected`. */
  #identity: TlsIdentity | undefined;

  /** `url` says whether TLS is spoken. */
  constructor(settings: HttpSettings, url: string, clock: Clock, names: Names = systemNames) {
    this.#settings = settings;
    this.#identities = new TlsIdentities(clock, () => undefined);
    this.#isTls = /^https:/i.test(url) || /^https:/i.test(settings.proxyUrl ?? "");
    this.#names = names;
  }

  /**
   * Rejects with `TlsFilesError` where there is no usable identity, neither the present one nor an earlier one; with what the system
   * says where undici cannot be loaded.
   */
  async dispatcher(): Promise<HttpDispatcher> {
    const identity = this.#isTls ? await this.#identities.get(this.#settings.tls) : undefined;
    if (identity !== undefined && "kind" in identity) {
      throw new TlsFilesError(identity.detail);
    }
    if (this.#connected === undefined || identity !== this.#identity) {
      const old = this.#connected;
      this.#identity = identity;
      this.#connected = connect(this.#settings, identity, this.#names);
      // `close` waits for the requests on it, so nobody waits for it here.
      void old?.then(({ dispatcher }) => dispatcher.close()).catch(() => undefined);
    }
    const connected = this.#connected;
    try {
      return (await connected).dispatcher;
    } catch (error) {
      // A part of undici could not be loaded, say for want of file descriptors: the next request tries again.
      if (this.#connected === connected) {
        this.#connected = undefined;
      }
      throw error;
    }
  }

  async close(): Promise<void> {
    const old = this.#connected;
    this.#connected = undefined;
    try {
      const connected = await old;
      connected?.dialer.close();
      await connected?.dispatcher.destroy();
    } catch {
      // It never came to connections.
    }
  }
}

async function connect(
  settings: HttpSettings,
  identity: TlsIdentity | undefined,
  names: Names,
): Promise<Connected> {
  const tls = identity === undefined ? {} : connectionOptions(identity);
  // The proxy's own certificate is verified in the same way, but for the name.
  const proxyTls = identity === undefined ? {} : connectionOptions(identity, false);
  const timeoutMs = Math.min(CONNECT_TIMEOUT, settings.timeoutMs);
  const options = {
    connections: settings.concurrency,
    pipelining: 1,
    keepAliveTimeout: settings.idleTimeoutMs,
    // The sender's own timeout covers the whole of a request; these would only end it with another reason.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const { default: makeConnector } = await import("undici/lib/core/connect.js");
  const dial = { names, timeoutMs, keepAliveDelayMs: KEEP_ALIVE_MS };
  // Loaded at the first request, and of undici only what a request needs (docs/decisions/undici-client.md). A proxy needs more of
  // it than its own file names.
  const { proxyUrl } = settings;
  if (proxyUrl === undefined) {
    const { default: Agent } = await import("undici/lib/dispatcher/agent.js");
    const { default: Pool } = await import("undici/lib/dispatcher/pool.js");
    const dialer = new UndiciDialer({ ...dial, tls }, makeConnector);
    const factory = (origin: string | URL, opts: object) =>
      new Pool(origin, { ...opts, ...ageOf(new URL(origin), settings) });
    return {
      dispatcher: new Agent({ ...options, connect: cleaning(dialer.connect), factory }),
      dialer,
    };
  }
  const { Pool, ProxyAgent } = await import("undici");
  // The destination's TLS is spoken within the tunnel; what is dialled is the proxy.
  const dialer = new UndiciDialer({ ...dial, tls: proxyTls, allowH2: false }, makeConnector);
  const connectProxy = cleaning(dialer.connect);
  const proxy = new URL(proxyUrl);
  const age = ageOf(proxy, settings);
  const dispatcher = new ProxyAgent({
    ...options,
    uri: proxyUrl,
    requestTls: { ...tls, timeout: timeoutMs },
    clientFactory: (origin, opts) => new Pool(origin, { ...opts, connect: connectProxy }),
    factory: (origin, opts) => {
      const dialled =
        String(origin) === proxy.href ? { connect: connectProxy } : tunnelOf(opts as TunnelOptions);
      return new Pool(origin, { ...opts, ...age, ...dialled });
    },
  });
  return { dispatcher, dialer };
}

interface TunnelOptions {
  readonly connect?: unknown;
}

/** What undici's proxy agent connects with through the tunnel. */
function tunnelOf({ connect }: TunnelOptions): { connect?: Connector } {
  return typeof connect === "function" ? { connect: cleaning(connect as Connector) } : {};
}

function cleaning(connect: Connector): Connector {
  return (place, callback) =>
    connect(place, (...ended) => {
      const [error, socket] = ended;
      if (error === null && socket !== null) {
        withCleanHeads(socket);
      }
      callback(...ended);
    });
}

/** Where the host is given by its address, nothing can move. */
function ageOf({ hostname }: URL, { connectionAgeMs }: HttpSettings): { clientTtl?: number } {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return knownAddresses(host) === undefined ? { clientTtl: connectionAgeMs } : {};
}
