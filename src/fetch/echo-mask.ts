import type { PageRequest } from "./page-request.ts";

const MASK = "***";
/** A query, or what the word before it says is a credential. */
const QUERY = /[?&][^\s"'<>&]*=[^\s"'<>]*/g;
const CREDENTIAL = /\b(basic|bearer)\s+[^\s"'<>]+/gi;
/** Shorter ones would mask half of every line. */
const LEAST_LENGTH = 4;
const ELLIPSIS = "…";

/**
 * Masks in excerpts of a page what the page may echo of its request: a login page that names the address to return to, an
 * error page that shows the headers. What `token_file` holds is known by the word `Bearer` before it only.
 */
export class EchoMask {
  /** The longest first, since one may be part of another. */
  readonly #secrets: readonly string[];

  constructor(request: PageRequest | undefined) {
    const known = request === undefined ? [] : secretsOf(request);
    this.#secrets = [...new Set(known)]
      .filter((secret) => secret.length >= LEAST_LENGTH)
      .sort((a, b) => b.length - a.length);
  }

  mask(excerpt: string): string {
    let shown = excerpt;
    for (const secret of this.#secrets) {
      shown = maskCut(shown.replaceAll(secret, MASK), secret);
    }
    return shown.replaceAll(QUERY, `?${MASK}`).replaceAll(CREDENTIAL, `$1 ${MASK}`);
  }
}

/** An excerpt that was cut may end within a secret. */
function maskCut(excerpt: string, secret: string): string {
  if (!excerpt.endsWith(ELLIPSIS)) {
    return excerpt;
  }
  const shown = excerpt.slice(0, -ELLIPSIS.length);
  for (let length = secret.length - 1; length >= LEAST_LENGTH; length--) {
    if (shown.endsWith(secret.slice(0, length))) {
      return `${shown.slice(0, -length)}${MASK}${ELLIPSIS}`;
    }
  }
  return excerpt;
}

function secretsOf({ url, headers, bearer }: PageRequest): string[] {
  const secrets = Object.values(headers).flatMap((value) => [
    value,
    ...value.split(/\s+/).slice(1),
  ]);
  if (bearer?.kind === "token") {
    secrets.push(bearer.token);
  }
  if (URL.canParse(url)) {
    const { username, password, search, searchParams } = new URL(url);
    const pair = Buffer.from(`${username}:${password}`).toString("base64");
    const written = search.split(/[?&]/).map((one) => one.slice(one.indexOf("=") + 1));
    secrets.push(username, password, pair, ...written, ...searchParams.values());
  }
  return secrets;
}
