import { fileURLToPath } from "node:url";
import { isLoopback } from "./loopback.ts";

/** Where a page comes from, and what its address says for tags. */
export type TargetAddress =
  | {
      readonly kind: "http";
      readonly url: string;
      /** Host without port and brackets, in the spelling of the URL. */
      readonly host: string;
      /** `host:port` in the spelling of the URL, IPv6 in brackets; no port where the URL has none. */
      readonly instance: string;
      readonly hasPort: boolean;
      /** Host as a parsed URL has it: lower case, addresses in their usual form, IPv6 in brackets. */
      readonly hostname: string;
      /** Of the URL, or of its scheme. */
      readonly port: number;
      /** The URL as a parser writes it, without its fragment: one text for all spellings of a request. */
      readonly request: string;
      /** This machine, by an address or name that says no more than that. */
      readonly loopback: boolean;
    }
  | {
      readonly kind: "file";
      readonly path: string;
      /** The text looks like an address without or with another scheme; read as a path all the same, as DataKit does. */
      readonly doubtful: boolean;
    }
  | { readonly kind: "bad" };

export type KnownAddress = Exclude<TargetAddress, { readonly kind: "bad" }>;

const HTTP = /^https?:/i;
/** Authority: up to the path, query or fragment; a backslash is a slash to a URL parser of the web. */
const AUTHORITY = /^https?:\/\/([^/?#\\]+)/i;
const HOST_AND_PORT = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/;
const LOOKS_LIKE_ADDRESS = /:\/\/|^[\w.-]+:\d+(\/|$)/;

/** Reads one entry of `urls`: http and https are requested, anything else is the path of a local file. */
export function parseTargetAddress(written: string): TargetAddress {
  const text = written.trim();
  if (HTTP.test(text)) {
    return parseHttp(text);
  }
  if (/^file:/i.test(text)) {
    return parseFileUrl(text);
  }
  return text === ""
    ? { kind: "bad" }
    : { kind: "file", path: text, doubtful: LOOKS_LIKE_ADDRESS.test(text) };
}

/**
 * The tags take host and port as written (spec/datakit.md 1.1), and a parsed URL has lost that: it drops a default port,
 * lowers the host and rewrites addresses. So they are cut from the text; the parser only judges it.
 */
function parseHttp(url: string): TargetAddress {
  const parsed = URL.parse(url);
  const authority = AUTHORITY.exec(url)?.[1];
  const instance = authority?.slice(authority.lastIndexOf("@") + 1);
  const parts = instance === undefined ? null : HOST_AND_PORT.exec(instance);
  const host = parts?.[1];
  if (parsed === null || instance === undefined || host === undefined || host === "") {
    return { kind: "bad" };
  }
  return {
    kind: "http",
    url,
    host: host.startsWith("[") ? host.slice(1, -1) : host,
    instance,
    ...requestOf(parsed),
    hasPort: parts?.[2] !== undefined && parts[2] !== "",
    // A name below `localhost` is loopback too, but tells this target from others: DataKit makes a tag of it.
    loopback: isLoopback(parsed.hostname) && !parsed.hostname.endsWith(".localhost"),
  };
}

function requestOf(url: URL): { hostname: string; port: number; request: string } {
  const { hostname, port, protocol } = url;
  url.hash = "";
  const ofScheme = protocol === "https:" ? 443 : 80;
  return { hostname, port: port === "" ? ofScheme : Number(port), request: url.href };
}

function parseFileUrl(text: string): TargetAddress {
  try {
    return { kind: "file", path: fileURLToPath(text), doubtful: false };
  } catch {
    return { kind: "bad" };
  }
}
