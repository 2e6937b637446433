import type { AdminToken } from "./admin-token.ts";

/** What is known of whoever asks. */
export interface Asker {
  /** The other end of the connection. */
  readonly address: string | undefined;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export type Access =
  | { readonly kind: "granted" }
  /** `text` says how to get in. */
  | { readonly kind: "refused"; readonly status: 401 | 403; readonly text: string };

const GRANTED: Access = { kind: "granted" };

const NO_TOKEN_SET =
  "this page is for this machine only (curl on the node, kubectl port-forward).\n" +
  "To see it from elsewhere, set ENV_HTTP_TOKEN, ENV_HTTP_TOKEN_FILE or http_token_file for the agent,\n" +
  'and send that token: "Authorization: Bearer TOKEN"\n';
const TOKEN_MISSING =
  "this page is for this machine, or for whoever has the token of ENV_HTTP_TOKEN or http_token_file:\n" +
  'send it as "Authorization: Bearer TOKEN"\n';
const TOKEN_WRONG = "the bearer token sent is not that of this agent\n";
const NAME_WRONG =
  "without a bearer token, this machine is to be asked by the name localhost, 127.0.0.1 or [::1]:\n" +
  "a web page may have made your browser ask under a name of its own\n";
const SENT_ON =
  "a proxy sent this request on, so it may come from anywhere: ask without the proxy, or send a bearer token\n";

const LOOPBACK_ADDRESS = /^(?:::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/;
const LOOPBACK_NAME =
  /^(?:localhost\.?|127\.\d+\.\d+\.\d+|\[::1\]|\[::ffff:127\.\d+\.\d+\.\d+\])(?::\d+)?$/i;
/** Sidecars and ingresses connect from loopback for others, and say so. */
const SENT_ON_HEADERS = [
  ...["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"],
  ...["x-envoy-external-address", "x-forwarded-client-cert"],
];

/**
 * Who may see the pages that tell of targets: whoever has the token, and this machine, which is whoever connects from a loopback
 * address by a loopback name. An address of one of this host's interfaces does not count: traffic of pods may be masqueraded to
 * it.
 */
export async function adminAccess(asker: Asker, token: AdminToken | undefined): Promise<Access> {
  const { address = "", headers } = asker;
  const given = bearerOf(headers["authorization"]);
  if (given !== undefined && token !== undefined) {
    return (await token.is(given)) ? GRANTED : refused(401, TOKEN_WRONG);
  }
  if (!LOOPBACK_ADDRESS.test(address)) {
    return refused(401, token === undefined ? NO_TOKEN_SET : TOKEN_MISSING);
  }
  if (SENT_ON_HEADERS.some((name) => headers[name] !== undefined)) {
    return refused(403, SENT_ON);
  }
  return LOOPBACK_NAME.test(String(headers["host"] ?? "")) ? GRANTED : refused(403, NAME_WRONG);
}

function bearerOf(header: string | string[] | undefined): string | undefined {
  return /^Bearer +(\S.*)$/i.exec(String(header ?? "").trim())?.[1];
}

function refused(status: 401 | 403, text: string): Access {
  return { kind: "refused", status, text };
}
