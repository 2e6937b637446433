import { readFile } from "node:fs/promises";
import type { PemSource, TlsConfig } from "../../tls-config.ts";
import { SECOND } from "../../units.ts";
import type { HttpSettings } from "../delivery-settings.ts";
import type { HttpDispatcher } from "./http-exchange.ts";

const CONNECT_TIMEOUT = 10 * SECOND;

/**
 * The connections to one destination. They are made at the first use, with the TLS files as they are then; `renew` lets go of
 * them, so that the next use reads the files anew.
 */
export class HttpConnections {
  readonly #settings: HttpSettings;
  #dispatcher: Promise<HttpDispatcher> | undefined;

  constructor(settings: HttpSettings) {
    this.#settings = settings;
  }

  /** Rejects where a TLS file cannot be read. */
  async dispatcher(): Promise<HttpDispatcher> {
    this.#dispatcher ??= connect(this.#settings);
    try {
      return await this.#dispatcher;
    } catch (error) {
      this.#dispatcher = undefined;
      throw error;
    }
  }

  async renew(): Promise<void> {
    const old = this.#dispatcher;
    this.#dispatcher = undefined;
    try {
      // Requests of others on these connections go on to their end: `close` waits for them, so nobody waits for it here.
      (await old)?.close().catch(() => undefined);
    } catch {
      // It never came to connections.
    }
  }

  async close(): Promise<void> {
    const old = this.#dispatcher;
    this.#dispatcher = undefined;
    try {
      await (await old)?.destroy();
    } catch {
      // It never came to connections.
    }
  }
}

/** True where a file may hold other certificates at the next try. */
export function hasTlsFiles(tls: TlsConfig | undefined): boolean {
  return [...(tls?.ca ?? []), tls?.cert, tls?.key].some((source) => source?.kind === "file");
}

async function connect(settings: HttpSettings): Promise<HttpDispatcher> {
  const tls = await tlsOptions(settings.tls);
  const options = {
    connections: settings.concurrency,
    pipelining: 1,
    keepAliveTimeout: settings.idleTimeoutMs,
    // The sender's own timeout covers the whole of a request; these would only end it with another reason.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const timeout = Math.min(CONNECT_TIMEOUT, settings.timeoutMs);
  // Loaded at the first request, and of undici only what a request needs (docs/decisions/undici-client.md). A proxy needs more of
  // it than its own file names.
  if (settings.proxyUrl === undefined) {
    const { default: Agent } = await import("undici/lib/dispatcher/agent.js");
    return new Agent({ ...options, connect: { ...tls, timeout } });
  }
  const { ProxyAgent } = await import("undici");
  return new ProxyAgent({ ...options, uri: settings.proxyUrl, requestTls: { ...tls, timeout } });
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
