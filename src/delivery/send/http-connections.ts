import type { Clock } from "../../clock.ts";
import { connectionOptions } from "../../tls/connection-options.ts";
import { TlsIdentities, type TlsIdentity } from "../../tls/tls-identities.ts";
import { SECOND } from "../../units.ts";
import type { HttpSettings } from "../delivery-settings.ts";
import type { HttpDispatcher } from "./http-exchange.ts";

const CONNECT_TIMEOUT = 10 * SECOND;

/** A TLS file cannot be used; the message names it and says why. */
class TlsFilesError extends Error {}

/**
 * The connections to one destination. They are made at the first use; where TLS files have changed since, new ones take
 * their place, while requests on the old go on to their end.
 */
export class HttpConnections {
  readonly #settings: HttpSettings;
  readonly #isTls: boolean;
  readonly #identities: TlsIdentities;
  #dispatcher: Promise<HttpDispatcher> | undefined;
  /** Of `#dispatcher`. */
  #identity: TlsIdentity | undefined;

  /** `url` says whether TLS is spoken. */
  constructor(settings: HttpSettings, url: string, clock: Clock) {
    this.#settings = settings;
    this.#identities = new TlsIdentities(clock, () => undefined);
    this.#isTls = /^https:/i.test(url) || /^https:/i.test(settings.proxyUrl ?? "");
  }

  /** Rejects with `TlsFilesError` where there is no usable identity, neither the present one nor an earlier one. */
  async dispatcher(): Promise<HttpDispatcher> {
    const identity = this.#isTls ? await this.#identities.get(this.#settings.tls) : undefined;
    if (identity !== undefined && "kind" in identity) {
      throw new TlsFilesError(identity.detail);
    }
    if (this.#dispatcher === undefined || identity !== this.#identity) {
      const old = this.#dispatcher;
      this.#identity = identity;
      this.#dispatcher = connect(this.#settings, identity);
      // `close` waits for the requests on it, so nobody waits for it here.
      void old?.then((dispatcher) => dispatcher.close()).catch(() => undefined);
    }
    return this.#dispatcher;
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

async function connect(
  settings: HttpSettings,
  identity: TlsIdentity | undefined,
): Promise<HttpDispatcher> {
  const tls = identity === undefined ? {} : connectionOptions(identity);
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
  // The proxy's own certificate is verified in the same way, but for the name.
  const proxyTls = identity === undefined ? {} : connectionOptions(identity, false);
  const hops = { requestTls: { ...tls, timeout }, proxyTls: { ...proxyTls, timeout } };
  return new ProxyAgent({ ...options, uri: settings.proxyUrl, ...hops });
}
