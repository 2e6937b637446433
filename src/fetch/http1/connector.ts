import net from "node:net";
import tls from "node:tls";
import { Dial, type DialOwner } from "../../dial/dial.ts";
import { knownAddresses } from "../../dial/known-addresses.ts";
import type { Names } from "../../dial/names.ts";
import { checkServerName, serverNameIndication } from "../../tls/server-name.ts";
import type { TlsIdentity } from "../../tls/tls-identities.ts";

/** Where a connection leads. Two requests with the same endpoint may share one. */
export interface Endpoint {
  /** Scheme, host and port; the host feeds `Host` and, without `serverName`, the name asked of the certificate. */
  readonly url: URL;
  readonly udsPath?: string;
  /** Present for https. */
  readonly identity?: TlsIdentity;
  /** Bound of an answer's header bytes. */
  readonly headerBytes: number;
  /** How long a connection is used for new requests; endless where the address cannot move. */
  readonly maxAgeMs: number;
}

const TCP_KEEP_ALIVE_MS = 60_000;

/** Whether its address is looked up, and so may be another one later. */
export function isNamed({ url, udsPath }: Pick<Endpoint, "url" | "udsPath">): boolean {
  return udsPath === undefined && knownAddresses(hostOf(url)) === undefined;
}

/**
 * Dials the endpoint. `timeoutMs` covers name resolution, connect and handshake: `owner` gets a socket that is connected, and for
 * TLS has its handshake still before it (`secureConnect`), and says `settled` to the dial when it can carry a request.
 *
 * TLS sessions are not resumed on purpose: a resumed session carries the client certificate of the first one, so a
 * rotated pair would not be shown. Scrapes keep their connections, so handshakes are rare.
 */
export function dialEndpoint(
  endpoint: Endpoint,
  onread: net.OnReadOpts,
  timeoutMs: number,
  names: Names,
  owner: DialOwner,
): Dial {
  const { identity, udsPath, url } = endpoint;
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  const open = (address: string): net.Socket => {
    const place = udsPath === undefined ? tcp(address, port) : { path: udsPath };
    return identity === undefined
      ? net.connect({ ...place, onread })
      : openTls(endpoint, identity, { ...place, onread });
  };
  // A path stands for one address: no name is looked up, whatever host the URL has.
  const host = udsPath === undefined ? hostOf(url) : "127.0.0.1";
  return new Dial(host, timeoutMs, names, open, owner);
}

function openTls(
  endpoint: Endpoint,
  identity: TlsIdentity,
  place: net.NetConnectOpts & { readonly onread: net.OnReadOpts },
): net.Socket {
  const name = identity.serverName ?? hostOf(endpoint.url);
  // `tls.connect` hands `onread` on where it opens the socket itself. A paused one still gives what it has taken in, some 64 KiB.
  const options: tls.ConnectionOptions & net.NetConnectOpts = {
    ...place,
    secureContext: identity.secureContext,
    rejectUnauthorized: identity.verify,
    servername: serverNameIndication(name),
    checkServerIdentity: (_host, certificate) => checkServerName(name, certificate),
    ALPNProtocols: ["http/1.1"],
  };
  return tls.connect(options);
}

function tcp(address: string, port: number): net.TcpNetConnectOpts {
  return {
    host: address,
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
