import { BlockList, isIP } from "node:net";

/**
 * The one spelling of an IP address: dotted for IPv4 and for IPv4 mapped into IPv6, compressed lower case for IPv6; undefined
 * for what is none. Takes hosts as a parsed URL has them (brackets) and addresses as the API server writes them.
 */
export function canonicalAddress(host: string): string | undefined {
  const bare = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
  const version = isIP(bare);
  if (version === 0 || bare.includes("%")) {
    return undefined;
  }
  if (version === 4) {
    return bare;
  }
  const hostname = URL.parse(`http://[${bare}]`)?.hostname.slice(1, -1);
  return hostname === undefined ? undefined : unmapped(hostname);
}

/** `::ffff:a01:203`, which is how a URL has it, is 10.1.2.3. */
function unmapped(address: string): string {
  const [, high, low] = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(address) ?? [];
  if (high === undefined || low === undefined) {
    return address;
  }
  const bits = Number.parseInt(high, 16) * 65_536 + Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => Math.floor(bits / 2 ** shift) % 256).join(".");
}

/** What an address is that no pod has, whatever its status says. */
export type SpecialAddress = "loopback" | "unspecified" | "link-local" | "metadata" | "multicast";

/** Addresses at which clouds tell a machine its secrets: AWS, Azure, Google and most others; Alibaba; AWS and Google by IPv6. */
const METADATA = ["169.254.169.254", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254"];

const RANGES: readonly (readonly [SpecialAddress, string, number, "ipv4" | "ipv6"])[] = [
  ["loopback", "127.0.0.0", 8, "ipv4"],
  ["loopback", "::1", 128, "ipv6"],
  ["unspecified", "0.0.0.0", 8, "ipv4"],
  ["unspecified", "::", 128, "ipv6"],
  ["link-local", "169.254.0.0", 16, "ipv4"],
  ["link-local", "fe80::", 10, "ipv6"],
  ["multicast", "224.0.0.0", 3, "ipv4"],
  ["multicast", "ff00::", 8, "ipv6"],
];

const LISTS = RANGES.map(([kind, network, prefix, family]) => {
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  return { kind, family, list };
});

/** `address` is a canonical one. */
export function specialAddress(address: string): SpecialAddress | undefined {
  if (METADATA.includes(address)) {
    return "metadata";
  }
  const family = familyOf(address);
  return LISTS.find((one) => one.family === family && one.list.check(address, family))?.kind;
}

/** Whether a canonical address is in one of `networks`: addresses, or networks as `10.0.0.0/8`. What is neither holds none. */
export function isWithin(address: string, networks: readonly string[]): boolean {
  return networks.some((network) => networkList(network)?.check(address, familyOf(address)));
}

/** Undefined: `network` is no address and no network. */
function networkList(network: string): BlockList | undefined {
  const [base = "", prefix, ...more] = network.split("/");
  const address = canonicalAddress(base);
  const bits = isIP(address ?? "") === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix || Number.NaN);
  if (address === undefined || more.length > 0 || !(length >= 0 && length <= bits)) {
    return undefined;
  }
  const list = new BlockList();
  list.addSubnet(address, length, familyOf(address));
  return list;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}
