import { readFile } from "node:fs/promises";
import { knownAddresses } from "../../dial/known-addresses.ts";
import type { Names } from "../../dial/names.ts";
import { systemNames } from "../../dial/system-names.ts";
import { UndiciDialer } from "../../dial/undici-dialer.ts";
import type { PemSource, TlsConfig } from "../../tls-config.ts";
import { SECOND } from "../../units.ts";
import type { HttpSettings } from "../delivery-settings.ts";
import type { HttpDispatcher } from "./http-exchange.ts";

const CONNECT_TIMEOUT = 10 * SECOND;
const KEEP_ALIVE_MS = 60 * SECOND;

interface Connected {
  readonly dispatcher: HttpDispatcher;
  readonly dialer: UndiciDialer;
}

/**
 * The connections to one destination. They are made at the first use, with the TLS files as they are then; `renew` lets go of
 * them, so that the next use reads the files anew.
 */
export class HttpConnections {
  readonly #settings: HttpSettings;
  readonly #names: Names;
  #connected: Promise<Connected> | undefined;

  constructor(settings: HttpSettings, names: Names = systemNames) {
    this.#settings = settings;
    this.#names = names;
  }

  /** Rejects where a TLS file cannot be read. */
  async dispatcher(): Promise<HttpDispatcher> {
    this.#connected ??= connect(this.#settings, this.#names);
    try {
      return (await this.#connected).dispatcher;
    } catch (error) {
      this.#connected = undefined;
      throw error;
    }
  }

  async renew(): Promise<void> {
    const old = this.#connected;
    this.#connected = undefined;
    try {
      // Requests of others on these connections go on to their end: `close` waits for them, so nobody waits for it here.
      (await old)?.dispatcher.close().catch(() => undefined);
    } catch {
      // It never came to connections.
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

/** True where a file may hold other certificates at the next try. */
export function hasTlsFiles(tls: TlsConfig | undefined): boolean {
  return [...(tls?.ca ?? []), tls?.cert, tls?.key].some((source) => source?.kind === "file");
}

async function connect(settings: HttpSettings, names: Names): Promise<Connected> {
  const tls = await tlsOptions(settings.tls);
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
    return { dispatcher: new Agent({ ...options, connect: dialer.connect, factory }), dialer };
  }
  const { Pool, ProxyAgent } = await import("undici");
  // The destination's TLS is spoken within the tunnel; what is dialled is the proxy.
  const dialer = new UndiciDialer({ ...dial, tls: {}, allowH2: false }, makeConnector);
  const proxy = new URL(proxyUrl);
  const age = ageOf(proxy, settings);
  const dispatcher = new ProxyAgent({
    ...options,
    uri: proxyUrl,
    requestTls: { ...tls, timeout: timeoutMs },
    clientFactory: (origin, opts) => new Pool(origin, { ...opts, connect: dialer.connect }),
    factory: (origin, opts) => {
      const dialled = String(origin) === proxy.href ? { connect: dialer.connect } : {};
      return new Pool(origin, { ...opts, ...age, ...dialled });
    },
  });
  return { dispatcher, dialer };
}

/** Where the host is given by its address, nothing can move. */
function ageOf({ hostname }: URL, { connectionAgeMs }: HttpSettings): { clientTtl?: number } {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return knownAddresses(host) === undefined ? { clientTtl: connectionAgeMs } : {};
}

async function tlsOptions(tls: TlsConfig | undefined) {
  if (tls === undefined) {
    return {};
  }
  const ca = await Promise.all(tls.ca.map(pem));
  return {
    rejectUnauthorized: !tls.insecureSkipVerify,
    ...(ca.length === 0 ? {} : { ca }),
    ...(tls.cert === undefined ? {} : { cert: await pem(tls.cert) }),
    ...(tls.key === undefined ? {} : { key: await pem(tls.key) }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
  };
}

function pem(source: PemSource): Promise<string> {
  return source.kind === "file" ? readFile(source.path, "utf8") : Promise.resolve(source.pem);
}
