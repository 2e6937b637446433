import { VERSION } from "../version.ts";
import { type FetchFault, fault } from "./fetch-fault.ts";
import { isFieldName, isFieldValue } from "./http1/field-syntax.ts";
import { requestText } from "./http1/request-text.ts";
import type { PageRequest } from "./page-request.ts";

/** A request with every decision taken but the content of files. */
export interface RequestPlan {
  /** Without user and password. */
  readonly url: URL;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** The whole request for `url`. */
  readonly text: string;
}

/** By lower-case name: the name as it is sent, and the value. The last one set wins. */
type HeaderMap = Map<string, readonly [string, string]>;

const ACCEPT = "text/plain;version=0.0.4;q=1,*/*;q=0.1";
/** They belong to the connection or to a body we do not send (RFC 9110, 7.6.1). */
const OURS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** `token`: the bearer token, read by the caller. */
export function planRequest(
  request: PageRequest,
  totalTimeoutMs: number,
  token: string | undefined,
): RequestPlan | FetchFault {
  const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    return fault("bad_url", "not an http or https URL");
  }
  const headers: HeaderMap = new Map();
  set(headers, "User-Agent", `promline/${VERSION}`);
  set(headers, "Accept", ACCEPT);
  set(headers, "Accept-Encoding", request.encoding);
  set(headers, "X-Prometheus-Scrape-Timeout-Seconds", String(totalTimeoutMs / 1000));
  if (url.username !== "" || url.password !== "") {
    set(headers, "Authorization", `Basic ${basicCredentials(url)}`);
    url.username = "";
    url.password = "";
  }
  if (token !== undefined) {
    set(headers, "Authorization", `Bearer ${token}`);
  }
  const refusal = addUserHeaders(headers, request.headers);
  if (refusal !== undefined) {
    return refusal;
  }
  const sent = [...headers.values()].flat();
  const text = requestText(url, sent);
  return typeof text === "string" ? { url, headers: sent, text } : text;
}

/** The user's headers come last: they win, but for `Host`, which cannot be changed (spec, section 1, `http_headers`). */
function addUserHeaders(
  headers: HeaderMap,
  own: Readonly<Record<string, string>>,
): FetchFault | undefined {
  for (const [name, value] of Object.entries(own)) {
    const lower = name.toLowerCase();
    if (!isFieldName(name)) {
      return fault("bad_header", "a header name has characters that are not allowed");
    }
    if (OURS.has(lower)) {
      return fault("bad_header", `header ${name} belongs to the connection and cannot be set`);
    }
    // UTF-8 on the wire, as in Go, where the text of a header is its bytes.
    const bytes = Buffer.from(value, "utf8").toString("latin1");
    if (!isFieldValue(bytes)) {
      return fault("bad_header", `header ${name} has a control character in its value`);
    }
    if (lower !== "host") {
      set(headers, name, bytes);
    }
  }
  return;
}

function set(headers: HeaderMap, name: string, value: string): void {
  headers.set(name.toLowerCase(), [name, value]);
}

/** Go's client sends the user and password of a URL as Basic credentials, so DataKit does. */
function basicCredentials(url: URL): string {
  const plain = `${decode(url.username)}:${decode(url.password)}`;
  return Buffer.from(plain, "utf8").toString("base64");
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
