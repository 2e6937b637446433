import { canonicalAddress, specialAddress } from "./kubernetes/ip-address.ts";

/** Whether a host is this machine by its spelling alone (RFC 6761, 6.3); `hostname` as a parsed URL has it. */
export function isLoopback(hostname: string): boolean {
  if (hostname === "localhost" || hostname.endsWith(".localhost")) {
    return true;
  }
  const address = canonicalAddress(hostname);
  return address !== undefined && specialAddress(address) === "loopback";
}
