import { Resolver } from "node:dns/promises";
import { type Clock, WAIT_OVER } from "../clock.ts";
import { SECOND } from "../units.ts";
import { hasIpv6, joinFamilies } from "./address-families.ts";
import type { DnsAnswer } from "./dns-answer.ts";
import type { ResolvConf } from "./resolv-conf.ts";

/** A lookup has 5 s, so no server may take all of that: a longer `timeout` of the system is cut. */
const LONGEST_TRY_MS = 2 * SECOND;
/** How long the answer for one family waits for that of the other (RFC 8305, 3, "Resolution Delay"). */
const OTHER_FAMILY_MS = 50;

const ABSENT: ReadonlySet<string> = new Set(["ENOTFOUND", "ENODATA", "EBADNAME"]);
const SILENT: ReadonlyMap<string, string> = new Map([
  ["ETIMEOUT", "no name server answers"],
  ["ECONNREFUSED", "no name server can be reached"],
  ["ECANCELLED", "the lookup was called off"],
]);

/**
 * Asks name servers by c-ares, on the event loop: no lookup waits for another or for libuv's thread pool. It retries, goes on to the
 * next server, asks by TCP where an answer was cut off, and follows CNAMEs.
 */
export class DnsResolver {
  readonly #clock: Clock;
  #resolver: Resolver | undefined;
  #conf: ResolvConf | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Asks for both families of a full name at once. Never rejects. */
  async ask(name: string, conf: ResolvConf): Promise<DnsAnswer> {
    const resolver = this.#resolverOf(conf);
    const ipv4 = answerOf(() => resolver.resolve4(name, { ttl: true }));
    if (conf.ipv4Only) {
      return await ipv4;
    }
    const ipv6 = answerOf(() => resolver.resolve6(name, { ttl: true }));
    return await this.#join(ipv4, ipv6);
  }

  async #join(ipv4: Promise<DnsAnswer>, ipv6: Promise<DnsAnswer>): Promise<DnsAnswer> {
    const ipv6First = hasIpv6();
    const both = Promise.all([ipv4, ipv6]);
    const whole = both.then(([four, six]) => joinFamilies(four, six, ipv6First));
    // Some servers say that the name does not exist where it has no AAAA record, so only the word about A records ends the wait.
    const half = await Promise.race([
      ipv4,
      ipv6.then((answer) => (answer.kind === "addresses" ? answer : whole)),
    ]);
    if (half.kind !== "addresses" && half.kind !== "absent") {
      return await whole;
    }
    const over = new AbortController();
    const late = await Promise.race([whole, this.#clock.sleep(OTHER_FAMILY_MS, over.signal)]);
    over.abort(WAIT_OVER);
    return late ?? (half.kind === "addresses" ? { ...half, whole } : half);
  }

  #resolverOf(conf: ResolvConf): Resolver {
    if (this.#resolver === undefined || this.#conf !== conf) {
      const tryMs = Math.min(conf.timeoutMs, LONGEST_TRY_MS);
      this.#resolver = new Resolver({ timeout: tryMs, maxTimeout: tryMs, tries: conf.attempts });
      // Node loses the zone of an address, without which a link-local one leads nowhere. c-ares has read it from the system's file.
      if (!conf.servers.some((server) => server.includes("%"))) {
        this.#resolver.setServers(conf.servers);
      }
      this.#conf = conf;
    }
    return this.#resolver;
  }
}

type Records = readonly { readonly address: string; readonly ttl: number }[];

async function answerOf(ask: () => Promise<Records>): Promise<DnsAnswer> {
  try {
    const records = await ask();
    return {
      kind: "addresses",
      addresses: records.map(({ address }) => address),
      ttlMs: Math.min(...records.map(({ ttl }) => ttl)) * SECOND,
    };
  } catch (error) {
    const code = error instanceof Error ? String(Reflect.get(error, "code")) : "";
    if (ABSENT.has(code)) {
      return { kind: "absent" };
    }
    const why = SILENT.get(code);
    return why === undefined
      ? { kind: "unable", why: `a name server answered ${code.replace(/^E/, "")}` }
      : { kind: "silent", why };
  }
}
