import net from "node:net";
import tls from "node:tls";
import { checkServerName, serverNameIndication } from "../../tls/server-name.ts";
import type { TlsIdentity } from "../../tls/tls-identities.ts";
import { ConnectTimeoutError } from "../fetch-fault.ts";

/** Where a connection leads. Two requests with the same endpoint may share one. */
export interface Endpoint {
  /** Scheme, host and port; the host feeds `Host` and, without `serverName`, the name asked of the certificate. */
  readonly url: URL;
  readonly udsPath?: string;
  /** Present for https. */
  readonly identity?: TlsIdentity;
  /** Bound of an answer's header bytes. */
  readonly headerBytes: number;
}

const TCP_KEEP_ALIVE_MS = 60_000;

/**
 * Opens a socket and calls `opened` when it can carry a request (for TLS: after the handshake). What goes wrong is its `error`.
 * `timeoutMs` covers name resolution, connect and handshake. The caller may destroy the socket at any time.
 *
 * TLS sessions are not resumed on purpose: a resumed session carries the client certificate of the first one, so a
 * rotated pair would not be shown. Scrapes keep their connections, so handshakes are rare.
 */
export function openSocket(
  endpoint: Endpoint,
  onread: net.OnReadOpts,
  timeoutMs: number,
  opened: () => void,
): net.Socket {
  const { identity } = endpoint;
  const socket =
    identity === undefined
      ? net.connect({ ...addressOf(endpoint), onread })
      : openTls(endpoint, identity, onread);
  const timer = setTimeout(() => {
    socket.destroy(new ConnectTimeoutError(`no connection within ${timeoutMs} ms`));
  }, timeoutMs);
  socket.once(identity === undefined ? "connect" : "secureConnect", () => {
    clearTimeout(timer);
    opened();
  });
  socket.once("close", () => clearTimeout(timer));
  return socket;
}

function openTls(endpoint: Endpoint, identity: TlsIdentity, onread: net.OnReadOpts): net.Socket {
  const name = identity.serverName ?? hostOf(endpoint.url);
  // `tls.connect` hands `onread` on where it opens the socket itself. A paused one still gives what it has taken in, some 64 KiB.
  const options: tls.ConnectionOptions & net.NetConnectOpts = {
    ...addressOf(endpoint),
    onread,
    secureContext: identity.secureContext,
    rejectUnauthorized: identity.verify,
    servername: serverNameIndication(name),
    checkServerIdentity: (_host, certificate) => checkServerName(name, certificate),
    ALPNProtocols: ["http/1.1"],
  };
  return tls.connect(options);
}

function addressOf(endpoint: Endpoint): net.NetConnectOpts {
  if (endpoint.udsPath !== undefined) {
    return { path: endpoint.udsPath };
  }
  const { url } = endpoint;
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  return {
    host: hostOf(url),
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
  };
}

/** The URL's host without the brackets of an IPv6 address. */
function hostOf(url: URL): string {
  return url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
}
