import { lookup as getaddrinfo } from "node:dns/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "../clock.ts";
import { SECOND } from "../units.ts";
import { type DnsAnswer, searchNames } from "./dns-answer.ts";
import { DnsResolver } from "./dns-resolver.ts";
import { parseHosts } from "./hosts-file.ts";
import { knownAddresses, plainName } from "./known-addresses.ts";
import { NameCache } from "./name-cache.ts";
import type { NameAnswer, Names } from "./names.ts";
import { asksMoreThanDns } from "./nsswitch.ts";
import { RereadFile } from "./reread-file.ts";
import { parseResolvConf } from "./resolv-conf.ts";
import { searchList } from "./search-list.ts";

/** The C library does not say how long its answer holds. */
const GETADDRINFO_TTL_MS = 30 * SECOND;

/**
 * Names as this system has them: literal addresses, the hosts file, DNS with the search list of resolv.conf, and what only the C
 * library knows. One for the whole process, in the main thread (docs/decisions/names.md).
 */
export class SystemNames implements Names {
  readonly #hosts;
  readonly #resolvConf;
  readonly #nsswitch;
  readonly #resolver: DnsResolver;
  readonly #cache: NameCache;
  /** Ends when the C library is free again. */
  #getaddrinfo: Promise<unknown> = Promise.resolve();

  /** `directory` holds `hosts`, `resolv.conf` and `nsswitch.conf`. */
  constructor(directory = "/etc", clock: Clock = systemClock) {
    const parseConf = (text: string) => parseResolvConf(text, hostname());
    this.#hosts = new RereadFile(join(directory, "hosts"), parseHosts, clock);
    this.#resolvConf = new RereadFile(join(directory, "resolv.conf"), parseConf, clock);
    this.#nsswitch = new RereadFile(join(directory, "nsswitch.conf"), asksMoreThanDns, clock);
    this.#resolver = new DnsResolver(clock);
    this.#cache = new NameCache((name) => this.#ask(name), clock);
  }

  async lookup(host: string): Promise<NameAnswer> {
    const addresses = knownAddresses(host) ?? this.#hosts.content.get(plainName(host));
    return addresses === undefined
      ? await this.#cache.lookup(host.toLowerCase())
      : { kind: "addresses", addresses };
  }

  worked(host: string, address: string): void {
    this.#cache.worked(host.toLowerCase(), address);
  }

  failed(host: string): void {
    this.#cache.failed(host.toLowerCase());
  }

  async #ask(name: string): Promise<DnsAnswer> {
    const conf = this.#resolvConf.content;
    const answer = await searchNames(searchList(name, conf), (full) =>
      this.#resolver.ask(full, conf),
    );
    const elsewhere = process.platform !== "linux" || this.#nsswitch.content;
    return answer.kind === "absent" && elsewhere ? await this.#askSystem(name) : answer;
  }

  /**
   * By way of the C library, whose modules know more than DNS (mDNS, names of containers). It holds one of libuv's threads for as
   * long as it likes, so one name at a time is asked for: the other threads stay free.
   */
  #askSystem(name: string): Promise<DnsAnswer> {
    const answer = this.#getaddrinfo.then(() => systemAnswer(name));
    this.#getaddrinfo = answer;
    return answer;
  }
}

async function systemAnswer(name: string): Promise<DnsAnswer> {
  try {
    const found = await getaddrinfo(name, { all: true });
    const addresses = found.map(({ address }) => address);
    return { kind: "addresses", addresses, ttlMs: GETADDRINFO_TTL_MS };
  } catch {
    // DNS has said before that there is no such name.
    return { kind: "absent" };
  }
}

/** Made when it is first needed: most threads and commands need none. */
let shared: SystemNames | undefined;

/** The names of this process, for its main thread; lanes ask it (names-port.ts). */
export const systemNames: Names = {
  lookup: (host) => ours().lookup(host),
  worked: (host, address) => ours().worked(host, address),
  failed: (host) => ours().failed(host),
};

function ours(): SystemNames {
  shared ??= new SystemNames();
  return shared;
}
