import { canonicalAddress, isWithin, specialAddress } from "../ip-address.ts";
import type { PodPolicy } from "../pod-policy.ts";
import type { PodRecord } from "../pods/pod-record.ts";
import { type Objection, objection, type RefusalRule } from "./refusal.ts";

/** Ports of the kubelet: whoever shares the address of the node does not share those. */
const KUBELET_PORTS = [10_248, 10_250, 10_255];
const OWN = "only addresses of the pod itself may be scraped; write $IP";

/**
 * What speaks against requesting `written` for a pod; undefined: nothing. The host is judged as the parser understands it
 * that also makes the request, so no spelling of a number, no userinfo and no trailing dot gets past it; a name is never
 * taken, since whom it resolves to is up to somebody else, and may change between two looks.
 */
export function screenUrl(
  written: string,
  key: string,
  pod: PodRecord,
  policy: PodPolicy,
): Objection | undefined {
  if (!policy.sandbox) {
    return undefined;
  }
  const text = written.trim();
  const no = (valueClass: string, rule: RefusalRule, detail: string) =>
    objection(key, valueClass, rule, detail);
  if (hasControl(text) || text.includes("\\") || /\s/.test(text)) {
    const detail = "an address has no blanks, control characters or backslashes";
    return no("address with odd characters", "url_characters", detail);
  }
  if (!/^https?:\/\//i.test(text)) {
    const what = /^[a-z][a-z0-9+.-]*:/i.test(text) ? "address of another scheme" : "file path";
    return no(what, "not_http", "write http:// or https://");
  }
  const url = URL.parse(text);
  if (url === null) {
    return no("address", "not_a_url", "it is not a URL that can be parsed");
  }
  const address = canonicalAddress(url.hostname);
  if (address === undefined) {
    return no("host name", "host_name", OWN);
  }
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  return screenAddress(address, port, key, pod, policy);
}

function screenAddress(
  address: string,
  port: number,
  key: string,
  pod: PodRecord,
  policy: PodPolicy,
): Objection | undefined {
  if (isWithin(address, policy.allowAddresses)) {
    return undefined;
  }
  const special = specialAddress(address);
  if (special !== undefined) {
    const rule = special === "link-local" ? "link_local" : special;
    return objection(key, `${special} address`, rule, OWN);
  }
  const own = pod.ips.some((ip) => canonicalAddress(ip) === address);
  const api = policy.apiServers.filter((server) => server.address === address);
  if (api.some((server) => !own || server.port === port)) {
    return objection(key, "address of the API server", "api_server", OWN);
  }
  if (!own) {
    return objection(key, "foreign address", "foreign_address", OWN);
  }
  const shared = pod.hostNetwork || pod.hostIps.some((ip) => canonicalAddress(ip) === address);
  if (!shared) {
    return undefined;
  }
  if (KUBELET_PORTS.includes(port)) {
    return objection(key, "port of the kubelet", "node_port", "it is not the pod's");
  }
  if (!pod.ports.includes(port)) {
    const detail = `the pod shares its node's address: only ports that its containers declare may be scraped, and ${port} is none`;
    return objection(key, "port of the node", "undeclared_port", detail);
  }
  return undefined;
}

function hasControl(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || code === 0x7f) {
      return true;
    }
  }
  return false;
}
