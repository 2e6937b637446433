/** A certificate or key as the user gave it: a file, re-read when it changes, or PEM text from a base64 key. */
export type PemSource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "text"; readonly pem: string };

export type TlsVersion = "1.0" | "1.1" | "1.2" | "1.3";

export interface TlsConfig {
  /** Authorities, or certificates of servers themselves. Empty: Node's authorities and those of the system. */
  readonly ca: readonly PemSource[];
  readonly cert?: PemSource;
  readonly key?: PemSource;
  readonly serverName?: string;
  readonly insecureSkipVerify: boolean;
  /** The oldest version that is spoken. Absent: 1.2. */
  readonly minVersion?: TlsVersion;
}

/** A bearer token, or the file it is read from at every use. */
export type Bearer =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "file"; readonly path: string };
