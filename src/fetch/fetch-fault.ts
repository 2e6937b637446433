import { tlsTrouble } from "../tls/tls-trouble.ts";
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
]);

/** The fault behind an error of a socket or of TLS. */
export function classifyError(error: unknown, phase: ExchangePhase): FetchFault {
  const tls = tlsTrouble(error);
  if (tls !== undefined) {
    return fault("tls", tls);
  }
  const code = textOf(error, "code");
  const message = messageOf(error);
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

function textOf(error: unknown, property: "code" | "syscall"): string {
  const value: unknown =
    typeof error === "object" && error !== null ? Reflect.get(error, property) : "";
  return typeof value === "string" ? value : "";
}
