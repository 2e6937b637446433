import type { Reading } from "../language/reading.ts";
import type { HttpToken } from "./agent-settings.ts";

/** Shorter ones can be guessed. */
const SHORTEST_TOKEN = 16;

/** The token of the admin server, from one of two keys. `at` is the root. */
export function readHttpToken(
  values: { readonly http_token: string | undefined; readonly http_token_file: string | undefined },
  at: Reading,
): { readonly httpToken?: HttpToken } {
  const { http_token: token = "", http_token_file: path = "" } = values;
  const here = at.child("http_token", true).orVariable("ENV_HTTP_TOKEN");
  if (token !== "" && path !== "") {
    here.error("is set, and http_token_file too: one of them has to go");
    return {};
  }
  if (path !== "") {
    return { httpToken: { kind: "file", path } };
  }
  if (token === "") {
    return {};
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    here.error("is no token: only letters, digits and signs of ASCII can be sent, no blanks");
    return {};
  }
  if (token.length < SHORTEST_TOKEN) {
    here.warn(`is shorter than ${SHORTEST_TOKEN} characters and may be guessed`);
  }
  return { httpToken: { kind: "token", token } };
}
