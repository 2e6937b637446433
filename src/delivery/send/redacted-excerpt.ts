import type { HttpSettings } from "../delivery-settings.ts";
import { percentDecoded } from "./percent-decoded.ts";

const LONGEST = 300;
const MASK = "***";

/** What a DataWay token looks like (specification, 5.1), and a `name=value` whose name says that it is a secret. */
const TOKEN = /\b(?:tkn|tokn|token)_[0-9A-Za-z]+/g;
const NAMED = /\b(token|password|passwd|secret|api_?key)(["']?\s*[=:]\s*["']?)[^\s"'&,;]+/gi;
const AUTHORIZATION = /\b(basic|bearer|token)\s+[0-9A-Za-z+/=._~-]{8,}/gi;

/**
 * The start of a text from outside, fit to be shown: one line, no control characters, none of `secrets` and nothing that looks
 * like one. Servers echo what they were sent.
 */
export function redactedExcerpt(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    clean = clean.replaceAll(secret, MASK);
  }
  clean = clean
    .replaceAll(TOKEN, MASK)
    .replaceAll(NAMED, `$1$2${MASK}`)
    .replaceAll(AUTHORIZATION, `$1 ${MASK}`)
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim();
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST - 1)}…` : clean;
}

/** Every form in which the secrets of a URL may come back: user, password and query values, as written and decoded. */
export function secretsOfUrl(url: string): string[] {
  if (!URL.canParse(url)) {
    return [url];
  }
  const parsed = new URL(url);
  const written = [
    parsed.username,
    parsed.password,
    ...parsed.search
      .slice(1)
      .split("&")
      .map((pair) => pair.slice(pair.indexOf("=") + 1)),
  ];
  return secretForms([...written, ...parsed.searchParams.values(), ...written.map(percentDecoded)]);
}

/** What requests to that address hold that must not be shown: of the address, the proxy and the headers of the user. */
export function secretsOfRequests(url: string, http: HttpSettings): string[] {
  const sent = Object.values(http.headers ?? {}).flatMap((value) => [
    value,
    ...value.split(" ").slice(1),
  ]);
  return secretForms([...secretsOfUrl(url), ...secretsOfUrl(http.proxyUrl ?? url), ...sent]);
}

/** The longest first, since one may be part of another; single characters would mask everything. */
export function secretForms(secrets: readonly string[]): string[] {
  const forms = secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]);
  return [...new Set(forms)].filter((form) => form.length > 3).sort((a, b) => b.length - a.length);
}
