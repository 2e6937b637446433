import type net from "node:net";
import type tls from "node:tls";
import type { TlsVersion } from "../../../src/tls-config.ts";

/** How the client is configured. Without `ca`: the authorities of the system. */
export interface ClientSide {
  readonly ca?: readonly string[];
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
  readonly insecure?: true;
  readonly minVersion?: TlsVersion;
}

export interface CertificateCase {
  readonly name: string;
  readonly client: ClientSide;
  readonly server: tls.TlsOptions | ((socket: net.Socket) => void);
  /** What the page's fetch ends in: `ok`, or the words of the detail; the reason is `tls` but for files of ours. */
  readonly ours: "ok" | RegExp;
  readonly reason?: "tls_files" | "connection_reset";
  /** A destination, spoken to by undici, fares otherwise. */
  readonly targetOnly?: true;
  /** What Go 1.24's `net/http` with the same files says (`InsecureSkipVerify`, `RootCAs`, `ServerName`, `MinVersion`). */
  readonly go: string;
}
