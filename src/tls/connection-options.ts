import type tls from "node:tls";
import type { PeerCertificate } from "node:tls";
import { checkServerName, serverNameIndication } from "./server-name.ts";
import type { TlsIdentity } from "./tls-identities.ts";

/** What a TLS connection needs to know of an identity, wherever it leads. */
export interface TlsConnectionOptions {
  readonly secureContext: tls.SecureContext;
  readonly rejectUnauthorized: boolean;
  /** For undici: a resumed session would show the client certificate of an earlier one. */
  readonly maxCachedSessions: number;
  readonly checkServerIdentity: (host: string, certificate: PeerCertificate) => Error | undefined;
  readonly servername?: string;
}

/** `withName` false: the name is that of the address, say of a proxy. */
export function connectionOptions(
  {
    secureContext,
    verify,
    serverName,
  }: Pick<TlsIdentity, "secureContext" | "verify" | "serverName">,
  withName = true,
): TlsConnectionOptions {
  const named = withName && serverName !== undefined ? serverName : undefined;
  return {
    secureContext,
    rejectUnauthorized: verify,
    maxCachedSessions: 0,
    checkServerIdentity: (host, certificate) => checkServerName(named ?? host, certificate),
    ...(named === undefined ? {} : { servername: serverNameIndication(named) }),
  };
}
