import type { FetchFailure } from "./fetch-outcome.ts";

/** Why a page could not be had: the stable reason, and words for people without any secret. */
export interface FetchFault {
  readonly kind: "fault";
  readonly reason: FetchFailure;
  /** At most 300 characters. */
  readonly detail: string;
}

/** How far an exchange had come when it broke: no connection yet, connected, or inside the body. */
export type ExchangePhase = "connecting" | "waiting" | "body";

const DETAIL_CHARS = 300;

export function fault(reason: FetchFailure, detail: string): FetchFault {
  const line = detail.replace(/\s+/g, " ").trim();
  const short = line.length > DETAIL_CHARS ? `${line.slice(0, DETAIL_CHARS - 1)}…` : line;
  return { kind: "fault", reason, detail: short };
}

/** Its owner ended it. */
export function calledOff(): FetchFault {
  return fault("aborted", "the scrape was called off");
}

export function outOfTime(totalMs: number): FetchFault {
  return fault("total_timeout", `not finished within ${totalMs} ms`);
}

const REASON_BY_CODE: ReadonlyMap<string, FetchFailure> = new Map([
  ["ENOTFOUND", "dns"],
  ["EAI_AGAIN", "dns"],
  ["ECONNREFUSED", "connect_refused"],
  ["CONNECT_TIMEOUT", "connect_timeout"],
  ["ECONNRESET", "connection_reset"],
  ["ECONNABORTED", "connection_reset"],
  ["EPIPE", "connection_reset"],
  ["EPROTO", "tls"],
]);

/** Verification results of OpenSSL as Node names them (nodejs.org/api/tls.html, "X509 certificate error codes"). */
const X509_CODES: ReadonlySet<string> = new Set([
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_CRL",
  "UNABLE_TO_DECRYPT_CERT_SIGNATURE",
  "UNABLE_TO_DECRYPT_CRL_SIGNATURE",
  "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY",
  "CERT_SIGNATURE_FAILURE",
  "CRL_SIGNATURE_FAILURE",
  "CERT_NOT_YET_VALID",
  "CERT_HAS_EXPIRED",
  "CRL_NOT_YET_VALID",
  "CRL_HAS_EXPIRED",
  "ERROR_IN_CERT_NOT_BEFORE_FIELD",
  "ERROR_IN_CERT_NOT_AFTER_FIELD",
  "ERROR_IN_CRL_LAST_UPDATE_FIELD",
  "ERROR_IN_CRL_NEXT_UPDATE_FIELD",
  "OUT_OF_MEM",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_CHAIN_TOO_LONG",
  "CERT_REVOKED",
  "INVALID_CA",
  "PATH_LENGTH_EXCEEDED",
  "INVALID_PURPOSE",
  "CERT_UNTRUSTED",
  "CERT_REJECTED",
  "HOSTNAME_MISMATCH",
]);

/** The fault behind an error of a socket or of TLS. */
export function classifyError(error: unknown, phase: ExchangePhase): FetchFault {
  const code = textOf(error, "code");
  const message = messageOf(error);
  if (X509_CODES.has(code) || code.startsWith("ERR_TLS_")) {
    return fault("tls", `${message} (${code})`);
  }
  if (code.startsWith("ERR_SSL_") || code === "EPROTO") {
    // OpenSSL's message carries thread ids and source lines; its reason alone says what was wrong.
    return fault("tls", `${textOf(error, "reason") || message} (${code})`);
  }
  if (code === "ETIMEDOUT") {
    return fault(phase === "connecting" ? "connect_timeout" : "connection_reset", message);
  }
  const known = REASON_BY_CODE.get(code);
  if (known !== undefined) {
    return fault(known, message);
  }
  return fault(phase === "connecting" ? "connect_failed" : "protocol", message);
}

/** The peer has ended its side before the answer was whole. */
export function closedByPeer(phase: "waiting" | "body"): FetchFault {
  return phase === "body"
    ? fault("truncated_body", "the target closed the connection within the body")
    : fault("connection_reset", "the target closed the connection before it answered");
}

/** Text of an error; that of an AggregateError (several addresses of one name) is in its parts. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.map(messageOf).join(", ");
  }
  return error instanceof Error ? error.message : String(error);
}

function textOf(error: unknown, property: "code" | "reason" | "syscall"): string {
  const value: unknown =
    typeof error === "object" && error !== null ? Reflect.get(error, property) : "";
  return typeof value === "string" ? value : "";
}
