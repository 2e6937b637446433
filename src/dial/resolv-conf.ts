import { isIP } from "node:net";
import { plainName } from "./known-addresses.ts";

/** What `/etc/resolv.conf` says (resolv.conf(5)). */
export interface ResolvConf {
  /** Addresses of name servers, in order. */
  readonly servers: readonly string[];
  /** Domains that names are completed with; the empty one is the root. */
  readonly search: readonly string[];
  /** A name with fewer dots is completed before it is asked for as it is. */
  readonly ndots: number;
  /** Milliseconds a server has to answer, and how often each is asked. */
  readonly timeoutMs: number;
  readonly attempts: number;
  /** Names have IPv4 addresses only (`no-aaaa`). */
  readonly ipv4Only: boolean;
}

// Bounds and defaults are glibc's (resolv/resolv.h), but for the number of search domains, which it does not bound.
const MAX_SERVERS = 3;
const MAX_NDOTS = 15;
const MAX_TIMEOUT_S = 30;
const MAX_ATTEMPTS = 5;
const MAX_SEARCH = 32;
const DEFAULT_SERVER = "127.0.0.1";

/**
 * Reads the text of the file. What cannot be read is passed over, as the C library does: a line wrong for one program must not take
 * all names from another. `hostName` is this machine's: its domain is searched where the file names none.
 */
export function parseResolvConf(text: string, hostName = ""): ResolvConf {
  const lines = text.split("\n").map(wordsOf);
  const servers = lines
    .filter(([keyword, server = ""]) => keyword === "nameserver" && isIP(server) !== 0)
    .flatMap(([, server]) => server ?? []);
  const options = { ndots: 1, timeout: 5, attempts: 2, ipv4Only: false };
  for (const [keyword, ...words] of lines) {
    if (keyword === "options") {
      for (const word of words) {
        readOption(word, options);
      }
    }
  }
  return {
    servers: servers.length === 0 ? [DEFAULT_SERVER] : servers.slice(0, MAX_SERVERS),
    search: [...new Set(searched(lines, hostName).map(plainName))].slice(0, MAX_SEARCH),
    ndots: Math.min(options.ndots, MAX_NDOTS),
    timeoutMs: Math.max(1, Math.min(options.timeout, MAX_TIMEOUT_S)) * 1000,
    attempts: Math.max(1, Math.min(options.attempts, MAX_ATTEMPTS)),
    ipv4Only: options.ipv4Only,
  };
}

/** The last line of either kind counts. */
function searched(lines: readonly (readonly string[])[], hostName: string): readonly string[] {
  const [keyword, ...domains] =
    lines.findLast(([word]) => word === "search" || word === "domain") ?? [];
  if (keyword === undefined) {
    const dot = hostName.indexOf(".");
    return dot === -1 ? [] : [hostName.slice(dot + 1)].filter((domain) => domain !== "");
  }
  return keyword === "domain" ? domains.slice(0, 1) : domains;
}

/** Comments begin with `#` or `;`. */
function wordsOf(line: string): string[] {
  return (line.split(/[#;]/, 1)[0] ?? "").split(/\s+/).filter((word) => word !== "");
}

function readOption(
  word: string,
  options: { ndots: number; timeout: number; attempts: number; ipv4Only: boolean },
): void {
  const [, name, digits] = /^(ndots|timeout|attempts):(\d{1,6})$/.exec(word) ?? [];
  if (name === "ndots" || name === "timeout" || name === "attempts") {
    options[name] = Number(digits);
  } else if (word === "no-aaaa") {
    options.ipv4Only = true;
  }
}
