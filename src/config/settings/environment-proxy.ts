import { BlockList, isIP } from "node:net";
import type { Environment } from "../language/environment.ts";

/**
 * The proxy that the usual variables name for an address, as Go's programs read them: `HTTPS_PROXY` or `HTTP_PROXY` by the scheme
 * of the address, unless `NO_PROXY` names its host; each in lower case too. This machine is never asked by way of a proxy.
 */
export function environmentProxy(url: URL, environment: Environment): string | undefined {
  const read = (name: string) => environment[name] || environment[name.toLowerCase()];
  const proxy = read(url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY");
  if (proxy === undefined || isExcepted(url, read("NO_PROXY") ?? "")) {
    return undefined;
  }
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

function isExcepted(url: URL, exceptions: string): boolean {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  const entries = exceptions.split(",").map((entry) => entry.trim().toLowerCase());
  return isThisMachine(host) || entries.some((entry) => matches(entry, host, port));
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** An entry is `*`, an address, a network, or a name that stands for all below it too; with a port, for that only. */
function matches(entry: string, host: string, port: string): boolean {
  if (entry === "" || entry === "*") {
    return entry === "*";
  }
  const [, network = "", bits = ""] = /^([\d.a-f:]+)\/(\d+)$/.exec(entry) ?? [];
  if (bits !== "") {
    return isWithin(host, network, Number(bits));
  }
  const [, named = entry, only] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
  if (only !== undefined && only !== port) {
    return false;
  }
  const name = named.replace(/^\[(.*)\]$/, "$1").replace(/^\*?\./, ".");
  return name.startsWith(".") ? host.endsWith(name) : host === name || host.endsWith(`.${name}`);
}

function isWithin(host: string, network: string, bits: number): boolean {
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family || bits > (family === 4 ? 32 : 128)) {
    return false;
  }
  const type = family === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(network, bits, type);
  return list.check(host, type);
}
