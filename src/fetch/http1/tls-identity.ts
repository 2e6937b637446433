import { createPrivateKey, hash, X509Certificate } from "node:crypto";
import tls from "node:tls";
import type { Clock } from "../../clock.ts";
import type { PemSource, TlsConfig } from "../../tls-config.ts";
import { SECOND } from "../../units.ts";
import { type FetchFault, fault } from "../fetch-fault.ts";
import { fileStamp, readSmallFile } from "../small-file.ts";

/** What TLS connections are made with. One object lives as long as its certificate, key and authorities do not change. */
export interface TlsIdentity {
  /** Never reused in a process. */
  readonly serial: number;
  readonly secureContext: tls.SecureContext;
  readonly verify: boolean;
  readonly serverName?: string;
  /** A newer one has taken its place: connections made with it end. */
  retired: boolean;
}

const CHECK_MS = SECOND;

const SYSTEM_AUTHORITIES: TlsConfig = { ca: [], insecureSkipVerify: false };

interface Pems {
  readonly ca: readonly string[];
  readonly cert?: string;
  readonly key?: string;
}

interface Entry {
  readonly config: TlsConfig;
  readonly paths: readonly string[];
  identity?: TlsIdentity;
  /** Of the files `identity` was made from. */
  stamp: string;
  digest: string;
  checkedAt: number;
  check?: Promise<FetchFault | undefined>;
}

/**
 * TLS identities by configuration. Files are looked at again when a connection is asked for and a second has passed; a
 * change that cannot be used (half written, a certificate without its key) leaves the old identity in place.
 */
export class TlsIdentities {
  readonly #clock: Clock;
  readonly #onRetired: (identity: TlsIdentity) => void;
  readonly #entries = new Map<string, Entry>();
  #serial = 0;

  constructor(clock: Clock, onRetired: (identity: TlsIdentity) => void) {
    this.#clock = clock;
    this.#onRetired = onRetired;
  }

  /** `undefined`: the authorities of the system. Never rejects. */
  async get(config: TlsConfig = SYSTEM_AUTHORITIES): Promise<TlsIdentity | FetchFault> {
    const entry = this.#entryOf(config);
    if (this.#isDue(entry)) {
      // Scrapes that come at the same time share one look at the files.
      entry.check ??= this.#check(entry).finally(() => {
        delete entry.check;
      });
    }
    const trouble = await entry.check;
    return entry.identity ?? trouble ?? fault("tls_files", "no TLS identity");
  }

  /** Lets go of the identity unless `inUse` says that somebody else's connections are made with it. */
  forget(config: TlsConfig, inUse: (identity: TlsIdentity) => boolean): void {
    const key = keyOf(config);
    const identity = this.#entries.get(key)?.identity;
    if (identity === undefined || !inUse(identity)) {
      this.#entries.delete(key);
    }
  }

  #entryOf(config: TlsConfig): Entry {
    const key = keyOf(config);
    const known = this.#entries.get(key);
    if (known !== undefined) {
      return known;
    }
    const sources = [...config.ca, config.cert, config.key];
    const paths = sources.flatMap((source) => (source?.kind === "file" ? [source.path] : []));
    const entry: Entry = { config, paths, stamp: "", digest: "", checkedAt: 0 };
    this.#entries.set(key, entry);
    return entry;
  }

  #isDue(entry: Entry): boolean {
    if (entry.identity === undefined) {
      return true;
    }
    return entry.paths.length > 0 && this.#clock.monotonic() - entry.checkedAt >= CHECK_MS;
  }

  async #check(entry: Entry): Promise<FetchFault | undefined> {
    entry.checkedAt = this.#clock.monotonic();
    // The stamp is taken before the content: a write in between shows at the next check.
    const stamp = (await Promise.all(entry.paths.map(fileStamp))).join(" ");
    if (entry.identity !== undefined && stamp === entry.stamp) {
      return;
    }
    const pems = await readPems(entry.config);
    if ("kind" in pems) {
      return pems;
    }
    const digest = hash("sha256", JSON.stringify(pems));
    if (entry.identity === undefined || digest !== entry.digest) {
      const secureContext = contextOf(entry.config, pems);
      if ("kind" in secureContext) {
        return secureContext;
      }
      this.#replace(entry, secureContext);
    }
    entry.stamp = stamp;
    entry.digest = digest;
    return;
  }

  #replace(entry: Entry, secureContext: tls.SecureContext): void {
    const { serverName, insecureSkipVerify } = entry.config;
    const old = entry.identity;
    this.#serial++;
    entry.identity = {
      serial: this.#serial,
      secureContext,
      verify: !insecureSkipVerify,
      ...(serverName === undefined ? {} : { serverName }),
      retired: false,
    };
    if (old !== undefined) {
      this.#retire(old);
    }
  }

  #retire(identity: TlsIdentity): void {
    identity.retired = true;
    this.#onRetired(identity);
  }
}

/** Keys are hashed since the configuration may hold a private key as text. */
function keyOf(config: TlsConfig): string {
  return hash("sha256", JSON.stringify(config));
}

async function readPems(config: TlsConfig): Promise<Pems | FetchFault> {
  const ca: string[] = [];
  for (const source of config.ca) {
    const pem = await readPem(source);
    if (typeof pem !== "string") {
      return pem;
    }
    ca.push(pem);
  }
  if (config.cert === undefined && config.key === undefined) {
    return { ca };
  }
  if (config.cert === undefined || config.key === undefined) {
    return fault("tls_files", "a client certificate needs both the certificate and its key");
  }
  const cert = await readPem(config.cert);
  const key = await readPem(config.key);
  if (typeof cert !== "string") {
    return cert;
  }
  return typeof key === "string" ? { ca, cert, key } : key;
}

async function readPem(source: PemSource): Promise<string | FetchFault> {
  if (source.kind === "text") {
    return source.pem;
  }
  const file = await readSmallFile(source.path);
  return file.kind === "ok" ? file.text : fault("tls_files", file.detail);
}

function contextOf(config: TlsConfig, pems: Pems): tls.SecureContext | FetchFault {
  try {
    for (const [index, pem] of pems.ca.entries()) {
      named(config.ca[index], "authority", () => new X509Certificate(pem));
    }
    if (pems.cert !== undefined && pems.key !== undefined) {
      const { cert, key } = pems;
      const certificate = named(config.cert, "certificate", () => new X509Certificate(cert));
      const privateKey = named(config.key, "key", () => createPrivateKey(key));
      if (!certificate.checkPrivateKey(privateKey)) {
        return fault("tls_files", `${nameOf(config.key, "key")}: not the key of the certificate`);
      }
    }
    return tls.createSecureContext({
      ...authorities(config, pems),
      ...(pems.cert === undefined ? {} : { cert: pems.cert }),
      ...(pems.key === undefined ? {} : { key: pems.key }),
    });
  } catch (error) {
    return fault("tls_files", error instanceof Error ? error.message : String(error));
  }
}

/** No `ca` at all makes Node load its own roots, which costs memory for nothing where nobody verifies. */
function authorities(config: TlsConfig, pems: Pems): { ca?: string[] } {
  return pems.ca.length > 0 || config.insecureSkipVerify ? { ca: [...pems.ca] } : {};
}

/** Runs a parser and says which file it failed on; OpenSSL's words quote no content. */
function named<T>(source: PemSource | undefined, role: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${nameOf(source, role)}: ${why}`);
  }
}

function nameOf(source: PemSource | undefined, role: string): string {
  return source?.kind === "file" ? source.path : `${role} given as text`;
}
