import net from "node:net";
import tls from "node:tls";
import { ConnectTimeoutError } from "./fetch-fault.ts";
import type { SocketReads } from "./socket-reads.ts";
import type { TlsIdentity } from "./tls-identity.ts";

/** Where a connection leads. Two requests with the same endpoint may share one. */
export interface Endpoint {
  /** Scheme, host and port; the host feeds `Host` and, without `serverName`, the name asked of the certificate. */
  readonly url: URL;
  readonly udsPath?: string;
  /** Present for https. */
  readonly identity?: TlsIdentity;
  /** Bound of an answer's header bytes: undici has it per connection. */
  readonly headerBytes: number;
}

type Opened = (...result: [null, net.Socket] | [Error, null]) => void;

const TCP_KEEP_ALIVE_MS = 60_000;

/**
 * Opens a socket and calls `opened` once, when it can carry a request (for TLS: after the handshake) or when it cannot.
 * `timeoutMs` covers name resolution, connect and handshake. The caller may destroy the returned socket at any time.
 *
 * TLS sessions are not resumed on purpose: a resumed session carries the client certificate of the first one, so a
 * rotated pair would not be shown. Scrapes keep their connections, so handshakes are rare.
 */
export function openSocket(
  endpoint: Endpoint,
  reads: SocketReads,
  timeoutMs: number,
  opened: Opened,
): net.Socket {
  const { identity } = endpoint;
  const socket = identity === undefined ? openPlain(endpoint, reads) : openTls(endpoint, identity);
  let waiting = true;
  const timer = setTimeout(() => {
    socket.destroy(new ConnectTimeoutError(`no connection within ${timeoutMs} ms`));
  }, timeoutMs);
  const settle = (error: Error | null): void => {
    if (!waiting) {
      return;
    }
    waiting = false;
    clearTimeout(timer);
    if (error === null) {
      opened(null, socket);
    } else {
      opened(error, null);
    }
  };
  socket.once(identity === undefined ? "connect" : "secureConnect", () => settle(null));
  // Stays for the life of the socket: an error while nobody listens must not end the process.
  socket.on("error", settle);
  socket.once("close", () => settle(new Error("the socket was closed while it connected")));
  return socket;
}

function openPlain(endpoint: Endpoint, reads: SocketReads): net.Socket {
  const socket = net.connect({ ...addressOf(endpoint), onread: reads.options });
  reads.of(socket);
  return socket;
}

function openTls(endpoint: Endpoint, identity: TlsIdentity): net.Socket {
  const name = identity.serverName ?? hostOf(endpoint.url);
  return tls.connect({
    ...addressOf(endpoint),
    secureContext: identity.secureContext,
    rejectUnauthorized: identity.verify,
    // Server name indication carries names only (RFC 6066, 3); the certificate of an address is checked all the same.
    servername: net.isIP(name) === 0 ? name : "",
    checkServerIdentity: (_host, certificate) => tls.checkServerIdentity(name, certificate),
    ALPNProtocols: ["http/1.1"],
  });
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
