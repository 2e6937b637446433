import { isIP } from "node:net";
import { plainName } from "./known-addresses.ts";

/** Addresses by name, each in the order of the file (hosts(5)). */
export type Hosts = ReadonlyMap<string, readonly string[]>;

/** More addresses of one name are not kept. */
const MAX_ADDRESSES = 64;

/** Reads the text of a hosts file: an address and its names on each line, comments after `#`. Other lines are passed over. */
export function parseHosts(text: string): Hosts {
  const hosts = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [address = "", ...names] = (line.split("#", 1)[0] ?? "").trim().split(/\s+/);
    if (isIP(address) === 0) {
      continue;
    }
    for (const name of names.map(plainName)) {
      const known = hosts.get(name);
      if (known === undefined) {
        hosts.set(name, [address]);
      } else if (known.length < MAX_ADDRESSES && !known.includes(address)) {
        known.push(address);
      }
    }
  }
  return hosts;
}
