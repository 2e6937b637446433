import { isIP } from "node:net";

const LOOPBACK: readonly string[] = ["127.0.0.1", "::1"];

/**
 * The addresses of a host that nobody need be asked for: those of a literal address (IPv6 without brackets, with or without a
 * zone), and of `localhost` and every name below it, which are this machine whatever a server says (RFC 6761, 6.3).
 */
export function knownAddresses(host: string): readonly string[] | undefined {
  if (isIP(host) !== 0) {
    return [host];
  }
  const name = plainName(host);
  return name === "localhost" || name.endsWith(".localhost") ? LOOPBACK : undefined;
}

/** A name as caches and the hosts file have it: lower case, without the dot of the root. */
export function plainName(host: string): string {
  const lower = host.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}
