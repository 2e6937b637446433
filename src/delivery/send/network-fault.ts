import { tlsTrouble } from "../../tls/tls-trouble.ts";

/** Why there was no answer. */
export type NetworkFault =
  | "dns"
  | "connect_refused"
  | "connection_reset"
  | "timeout"
  | "tls"
  | "protocol"
  | "network";

const FAULTS: Readonly<Record<string, NetworkFault>> = {
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  CONNECT_TIMEOUT: "timeout",
  ECONNREFUSED: "connect_refused",
  ECONNRESET: "connection_reset",
  EPIPE: "connection_reset",
  UND_ERR_SOCKET: "connection_reset",
  ETIMEDOUT: "timeout",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  UND_ERR_HEADERS_TIMEOUT: "timeout",
  UND_ERR_BODY_TIMEOUT: "timeout",
  UND_ERR_HEADERS_OVERFLOW: "protocol",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "protocol",
};

/** Sorts what a request threw. undici hides the socket's error in `cause`, and several addresses in an AggregateError. */
export function networkFault(thrown: unknown): NetworkFault {
  for (const error of causes(thrown)) {
    if (tlsTrouble(error) !== undefined) {
      return "tls";
    }
    if (isNoHttp(error)) {
      return "protocol";
    }
    const known = FAULTS[codeOf(error)];
    if (known !== undefined) {
      return known;
    }
  }
  return "network";
}

/** What was wrong with TLS, or the innermost message, for people. May hold what the caller sent: redact before showing. */
export function faultText(thrown: unknown): string {
  const all = causes(thrown);
  const tls = all.map((error) => tlsTrouble(error)).find((text) => text !== undefined);
  if (tls !== undefined) {
    return tls;
  }
  const texts = all
    .map((error) => (error instanceof Error ? error.message : String(error)))
    .filter((text) => text !== "");
  return texts.at(-1) ?? "no message";
}

function causes(thrown: unknown): unknown[] {
  const found: unknown[] = [];
  let error = thrown;
  // A chain of causes has no promised end; eight are more than any library makes.
  while (error !== undefined && error !== null && found.length < 8) {
    found.push(error);
    error = inner(error);
  }
  return found;
}

function inner(error: unknown): unknown {
  if (error instanceof AggregateError) {
    return error.errors[0];
  }
  return error instanceof Error ? error.cause : undefined;
}

/** undici's parser gives no code in its release 8, and what it takes for no answer to its request looks like a closed socket. */
function isNoHttp(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === "HTTPParserError" || /^bad (?:response|upgrade)$/.test(error.message))
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}
