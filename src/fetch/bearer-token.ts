import { readSmallFile } from "../small-file.ts";
import type { Bearer } from "../tls-config.ts";
import { type FetchFault, fault } from "./fetch-fault.ts";

/** Bytes that may not stand in a header value (RFC 9110, 5.5), and what is no ASCII, which no token has. */
const NOT_IN_TOKEN = /[^\t\x20-\x7e]/;

/** The token to send now: a file is read at every scrape, since it is rotated under us. Line ends are removed. */
export async function readBearerToken(bearer: Bearer): Promise<string | FetchFault> {
  const raw = bearer.kind === "token" ? bearer.token : await readSmallFile(bearer.path);
  if (typeof raw !== "string" && raw.kind === "unreadable") {
    return fault("credentials", raw.detail);
  }
  const token = (typeof raw === "string" ? raw : raw.text).replaceAll(/[\r\n]/g, "");
  const origin = bearer.kind === "file" ? bearer.path : "the configured token";
  if (token === "") {
    return fault("credentials", `${origin}: empty`);
  }
  return NOT_IN_TOKEN.test(token) ? fault("credentials", `${origin}: not a token`) : token;
}
