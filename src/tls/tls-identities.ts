import { hash } from "node:crypto";
import type tls from "node:tls";
import type { Clock } from "../clock.ts";
import { fileStamp } from "../small-file.ts";
import type { TlsConfig } from "../tls-config.ts";
import { MINUTE, SECOND } from "../units.ts";
import { systemAuthorities } from "./system-authorities.ts";
import { contextOf, filesFault, readMaterial, type TlsFilesFault } from "./tls-material.ts";

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
/** The authorities of the system change with packages and mounts. */
const SYSTEM_CHECK_MS = MINUTE;

const SYSTEM_AUTHORITIES: TlsConfig = { ca: [], insecureSkipVerify: false };

interface Entry {
  readonly config: TlsConfig;
  readonly paths: readonly string[];
  identity?: TlsIdentity;
  /** Of the files `identity` was made from. */
  stamp: string;
  digest: string;
  checkedAt: number;
  check?: Promise<TlsFilesFault | undefined>;
}

/**
 * TLS identities by configuration. Files are looked at again when a connection is asked for and a second has passed; a
 * change that cannot be used (half written, a certificate without its key) leaves the old identity in place.
 */
export class TlsIdentities {
  readonly #clock: Clock;
  readonly #onRetired: (identity: TlsIdentity) => void;
  readonly #system: Pick<typeof systemAuthorities, "load">;
  readonly #entries = new Map<string, Entry>();
  #serial = 0;

  /** `onRetired`: another identity has taken the place of this one. */
  constructor(
    clock: Clock,
    onRetired: (identity: TlsIdentity) => void,
    system: Pick<typeof systemAuthorities, "load"> = systemAuthorities,
  ) {
    this.#clock = clock;
    this.#onRetired = onRetired;
    this.#system = system;
  }

  /** `undefined`: Node's authorities and those of the system. Never rejects. */
  async get(config: TlsConfig = SYSTEM_AUTHORITIES): Promise<TlsIdentity | TlsFilesFault> {
    const entry = this.#entryOf(config);
    if (this.#isDue(entry)) {
      // Scrapes that come at the same time share one look at the files.
      entry.check ??= this.#check(entry).finally(() => {
        delete entry.check;
      });
    }
    const trouble = await entry.check;
    return entry.identity ?? trouble ?? filesFault("no TLS identity");
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
    const age = this.#clock.monotonic() - entry.checkedAt;
    return entry.paths.length > 0
      ? age >= CHECK_MS
      : trustsSystem(entry.config) && age >= SYSTEM_CHECK_MS;
  }

  async #check(entry: Entry): Promise<TlsFilesFault | undefined> {
    entry.checkedAt = this.#clock.monotonic();
    // The stamp is taken before the content: a write in between shows at the next check.
    const stamps = await Promise.all(entry.paths.map(fileStamp));
    const system = trustsSystem(entry.config) ? await this.#system.load() : "";
    const stamp = [...stamps, system].join(" ");
    if (entry.identity !== undefined && stamp === entry.stamp) {
      return;
    }
    const material = await readMaterial(entry.config);
    if ("kind" in material) {
      return material;
    }
    const digest = hash("sha256", JSON.stringify([material, system]));
    if (entry.identity === undefined || digest !== entry.digest) {
      const secureContext = contextOf(entry.config, material);
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

function trustsSystem({ ca, insecureSkipVerify }: TlsConfig): boolean {
  return ca.length === 0 && !insecureSkipVerify;
}
