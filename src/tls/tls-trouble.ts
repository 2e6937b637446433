/** Who the other side is, in words, and where its authorities are configured. */
export interface TlsPeer {
  readonly authorities: string;
}

/** A target or a destination. */
const CONFIGURED_PEER: TlsPeer = { authorities: "ca_certs" };

/**
 * What went wrong with TLS in a sentence of our own, with what to do; undefined where it was not TLS. OpenSSL's words name no cause
 * that a user could act on, and Node's advise options that nobody can set here.
 */
export function tlsTrouble(error: unknown, peer: TlsPeer = CONFIGURED_PEER): string | undefined {
  const code = textOf(error, "code");
  const message = error instanceof Error ? error.message : "";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return message;
  }
  const known = VERIFICATION.get(code) ?? UNNAMED.get(code === "UNSPECIFIED" ? message : "");
  if (known !== undefined) {
    return known.replace("{ca_certs}", peer.authorities);
  }
  if (code === "ECONNRESET") {
    // Node's only sign that the handshake was not over.
    return message.includes("before secure TLS connection") ? HANDSHAKE_CUT : undefined;
  }
  if (code === "UNSPECIFIED" || CERTIFICATE.test(code)) {
    const said = code === "UNSPECIFIED" ? message : code;
    return `the server's certificate cannot be verified (${said})`;
  }
  const isTls = /^ERR_(SSL|TLS|OSSL)_|^EPROTO$/.test(code);
  return isTls ? protocolTrouble(code, textOf(error, "reason"), message) : undefined;
}

/** Verification results that have no sentence here, by the looks of their names (nodejs.org/api/tls.html). */
const CERTIFICATE =
  /^(CERT|CRL)_|^(UNABLE_TO|ERROR_IN)_.*(CERT|CRL|SIGNATURE|LOCALLY|KEY|FIELD)|^HOSTNAME_MISMATCH$/;

const UNKNOWN =
  "the server's certificate comes from an authority that is not trusted here: give the authority's certificate in {ca_certs}; an intermediate or the server's own will do";
const SELF_SIGNED =
  "the server's certificate is signed by itself and not trusted here: give it in {ca_certs}";
const SIGNATURE =
  "a signature in the server's chain of certificates is wrong: an authority of the same name, but with another key, is in {ca_certs}";
const PURPOSE =
  "a certificate of the server is not made for this: either the server's own does not allow server authentication, or the one that issued it is no authority (CA:FALSE)";
const HANDSHAKE_CUT =
  "the server closed the connection within the TLS handshake: it may not speak TLS on this port, or may refuse the client certificate or its absence";

const VERIFICATION: ReadonlyMap<string, string> = new Map([
  ["UNABLE_TO_GET_ISSUER_CERT", UNKNOWN],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", UNKNOWN],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", UNKNOWN],
  ["CERT_UNTRUSTED", UNKNOWN],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", SELF_SIGNED],
  [
    "SELF_SIGNED_CERT_IN_CHAIN",
    "the server's chain ends in an authority of its own that is not trusted here: give that authority's certificate in {ca_certs}",
  ],
  ["CERT_SIGNATURE_FAILURE", SIGNATURE],
  ["UNABLE_TO_DECRYPT_CERT_SIGNATURE", SIGNATURE],
  [
    "CERT_HAS_EXPIRED",
    "a certificate of the server's chain has expired, its own or that of an authority: renew it, or set the clock of this node if that is wrong",
  ],
  [
    "CERT_NOT_YET_VALID",
    "a certificate of the server's chain is not valid yet: the clock of this node or that of the authority is wrong",
  ],
  ["INVALID_PURPOSE", PURPOSE],
  ["INVALID_CA", PURPOSE],
  [
    "PATH_LENGTH_EXCEEDED",
    "the server's chain has more authorities below one of them than that one allows (path length)",
  ],
  ["CERT_CHAIN_TOO_LONG", "the server's chain of certificates is too long"],
  ["CERT_REVOKED", "the server's certificate is revoked"],
]);

/** Verification results that Node gives no code: OpenSSL's own words (`X509_verify_cert_error_string`). */
const UNNAMED: ReadonlyMap<string, string> = new Map([
  [
    "EE certificate key too weak",
    "the key of the server's certificate is too small: it takes RSA of 2048 bits, or an elliptic curve",
  ],
  [
    "CA certificate key too weak",
    "the key of an authority in the server's chain is too small: it takes RSA of 2048 bits, or an elliptic curve",
  ],
  [
    "CA signature digest algorithm too weak",
    "a certificate in the server's chain is signed with SHA-1 or MD5, which can be forged: issue it again with SHA-256",
  ],
  [
    "permitted subtree violation",
    "an authority in the server's chain may not vouch for the names in its certificate (name constraints)",
  ],
  [
    "excluded subtree violation",
    "an authority in the server's chain may not vouch for the names in its certificate (name constraints)",
  ],
  [
    "unhandled critical extension",
    "a certificate of the server has an extension that is critical and not known here",
  ],
]);

const REQUIRED =
  "the server requires a client certificate: set cert and cert_key to a pair of an authority that it trusts";
const CLIENT_REFUSED =
  "the server refuses the client certificate: it may have expired, come from an authority that the server does not trust, or not allow client authentication";
const NO_COMMON_VERSION =
  "the server speaks no TLS version that is allowed here: tls_min_version is the oldest, 1.2 without a setting";

/** By OpenSSL's reason; alerts are what the server said (RFC 8446, 6.2). */
const BY_REASON: ReadonlyMap<string, string> = new Map([
  ["tlsv13 alert certificate required", REQUIRED],
  ["tlsv1 alert unknown ca", CLIENT_REFUSED],
  ["ssl/tls alert bad certificate", CLIENT_REFUSED],
  ["ssl/tls alert unsupported certificate", CLIENT_REFUSED],
  ["ssl/tls alert certificate revoked", CLIENT_REFUSED],
  ["ssl/tls alert certificate expired", CLIENT_REFUSED],
  ["ssl/tls alert certificate unknown", CLIENT_REFUSED],
  ["tlsv1 alert access denied", CLIENT_REFUSED],
  ["tlsv1 alert decrypt error", CLIENT_REFUSED],
  ["tlsv1 alert protocol version", NO_COMMON_VERSION],
  ["unsupported protocol", NO_COMMON_VERSION],
  ["tlsv1 alert insufficient security", "the server finds every cipher that is offered too weak"],
  [
    "ssl/tls alert handshake failure",
    "the server refuses the handshake: it requires a client certificate (cert, cert_key), or shares no cipher with us, or has no certificate for this name (server_name)",
  ],
  [
    "tlsv1 unrecognized name",
    "the server has no certificate for the name it was asked for: set server_name",
  ],
  [
    "tlsv1 alert no application protocol",
    "the server does not speak HTTP/1.1 on this port, only another protocol such as HTTP/2",
  ],
  [
    "wrong version number",
    "the server does not answer in TLS: it may speak plain http on this port",
  ],
  ["packet length too long", "the server does not answer in TLS on this port"],
  ["http request", "the server does not answer in TLS: it may speak plain http on this port"],
  ["unexpected eof while reading", HANDSHAKE_CUT],
  ["dh key too small", "the server's Diffie-Hellman parameters are too small: they take 2048 bits"],
  [
    "unsafe legacy renegotiation disabled",
    "the server does not know secure renegotiation (RFC 5746)",
  ],
  ["certificate verify failed", "the server's certificate could not be verified"],
]);

function protocolTrouble(code: string, reason: string, message: string): string {
  const known = BY_REASON.get(reason);
  if (known !== undefined) {
    return known;
  }
  // OpenSSL's message carries thread ids and source lines; its reason alone, or Node's message, says what was wrong.
  const said = reason || /^[^;:]*/.exec(message)?.[0] || code;
  return `TLS with the server failed: ${said} (${code})`;
}

function textOf(error: unknown, property: "code" | "reason"): string {
  const value: unknown =
    typeof error === "object" && error !== null ? Reflect.get(error, property) : "";
  return typeof value === "string" ? value : "";
}
