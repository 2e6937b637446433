import { type TlsPeer, tlsTrouble } from "../../../tls/tls-trouble.ts";

/**
 * Why a request to the API server came to nothing. Literal reasons: they are metric labels and stable. `dns`: the server's
 * name has no address. `unreachable`: no connection, or it broke. `timeout`: connected, and silent too long. `gone`: the resource version is too old or unknown.
 */
export type ApiFaultReason =
  | "dns"
  | "unreachable"
  | "timeout"
  | "tls"
  | "credentials"
  | "unauthorized"
  | "forbidden"
  | "gone"
  | "throttled"
  | "server_error"
  | "protocol"
  | "aborted";

export interface ApiFault {
  readonly kind: "fault";
  readonly reason: ApiFaultReason;
  /** For people; holds no secret. */
  readonly detail: string;
  /** From `Retry-After`. */
  readonly retryAfterMs?: number;
}

export function apiFault(reason: ApiFaultReason, detail: string, retryAfterMs?: number): ApiFault {
  return { kind: "fault", reason, detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** What a status that is no success means; `message` is that of the Status object in the answer. */
export function statusFault(status: number, message: string, retryAfter?: string): ApiFault {
  const said = message === "" ? "" : `: ${message.slice(0, 300)}`;
  const seconds = Number(retryAfter);
  const waitMs = retryAfter !== undefined && seconds >= 0 ? seconds * 1000 : undefined;
  return apiFault(reasonOf(status, message), `the API server answered ${status}${said}`, waitMs);
}

function reasonOf(status: number, message: string): ApiFaultReason {
  switch (status) {
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 410:
      return "gone";
    case 429:
      return "throttled";
    default:
      // A server that was restored from a backup, or is behind another that we asked before.
      return /too large resource version/i.test(message) ? "gone" : "server_error";
  }
}

const API_SERVER: TlsPeer = {
  authorities:
    "the service account's ca.crt, or certificate-authority of the kubeconfig where one is named",
};

/** Nobody was there to answer, so asking again soon costs no server anything. */
export function isUnanswered({ reason }: ApiFault): boolean {
  return reason === "dns" || reason === "unreachable";
}

/** What an error of a connection means. */
export function connectionFault(error: Error): ApiFault {
  const tls = tlsTrouble(error, API_SERVER);
  if (tls !== undefined) {
    return apiFault("tls", tls);
  }
  const code = String(Reflect.get(error, "code") ?? "");
  const detail = code === "" ? error.message : `${code}: ${error.message}`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return apiFault("dns", detail);
  }
  if (/HEADERS_TIMEOUT|BODY_TIMEOUT/.test(code)) {
    return apiFault("timeout", detail);
  }
  if (/^HPE_|UND_ERR_(RES_|RESPONSE|HEADERS_OVERFLOW|INVALID)/.test(code)) {
    return apiFault("protocol", detail);
  }
  return apiFault("unreachable", detail);
}
