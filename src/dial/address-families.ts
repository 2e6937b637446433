import { networkInterfaces } from "node:os";
import type { DnsAddresses, DnsAnswer } from "./dns-answer.ts";

/** More addresses of one name are not kept. */
const MAX_ADDRESSES = 64;

/**
 * One answer made of those for A and AAAA records. An address of either family is enough. Without any, silence counts more than a
 * server that cannot say, and that more than absence: a name is absent only if both families are.
 */
export function joinFamilies(ipv4: DnsAnswer, ipv6: DnsAnswer, ipv6First: boolean): DnsAnswer {
  const found = [ipv4, ipv6].filter((answer) => answer.kind === "addresses");
  if (found.length > 0) {
    return {
      kind: "addresses",
      addresses: inTurns(addressesOf(ipv4), addressesOf(ipv6), ipv6First),
      ttlMs: Math.min(...found.map((answer) => answer.ttlMs)),
    };
  }
  const worst = [ipv4, ipv6].find(({ kind }) => kind === "silent");
  return worst ?? (ipv4.kind === "unable" ? ipv4 : ipv6);
}

/** The families take turns (RFC 8305, 4), so that one that leads nowhere costs one attempt's delay and not ten. */
function inTurns(
  ipv4: readonly string[],
  ipv6: readonly string[],
  ipv6First: boolean,
): readonly string[] {
  const [first, second] = ipv6First ? [ipv6, ipv4] : [ipv4, ipv6];
  const longest = Math.max(first.length, second.length);
  const turns = Array.from({ length: longest }, (_, at) => [first[at], second[at]]);
  return turns
    .flat()
    .filter((address) => address !== undefined)
    .slice(0, MAX_ADDRESSES);
}

function addressesOf(answer: DnsAnswer | DnsAddresses): readonly string[] {
  return answer.kind === "addresses" ? answer.addresses : [];
}

/** Whether this machine has an IPv6 address that leads out: only then is IPv6 tried first (RFC 6724, 6, rule 1 in short). */
export function hasIpv6(): boolean {
  try {
    return Object.values(networkInterfaces()).some((addresses) =>
      addresses?.some(
        ({ family, internal, address }) =>
          family === "IPv6" && !internal && !/^fe80/i.test(address),
      ),
    );
  } catch {
    // A sandbox may forbid the question.
    return false;
  }
}
