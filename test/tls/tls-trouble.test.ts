import { expect, test } from "vitest";
import { tlsTrouble } from "../../src/tls/tls-trouble.ts";

const error = (code: string, message = "", reason?: string) =>
  Object.assign(new Error(message), { code, ...(reason === undefined ? {} : { reason }) });

// nodejs.org/api/tls.html, "X509 certificate error codes".
test.for(
  `UNABLE_TO_GET_ISSUER_CERT UNABLE_TO_GET_CRL UNABLE_TO_DECRYPT_CERT_SIGNATURE UNABLE_TO_DECRYPT_CRL_SIGNATURE
  UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY CERT_SIGNATURE_FAILURE CRL_SIGNATURE_FAILURE CERT_NOT_YET_VALID CERT_HAS_EXPIRED
  CRL_NOT_YET_VALID CRL_HAS_EXPIRED ERROR_IN_CERT_NOT_BEFORE_FIELD ERROR_IN_CERT_NOT_AFTER_FIELD
  ERROR_IN_CRL_LAST_UPDATE_FIELD ERROR_IN_CRL_NEXT_UPDATE_FIELD DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY UNABLE_TO_VERIFY_LEAF_SIGNATURE CERT_CHAIN_TOO_LONG CERT_REVOKED INVALID_CA
  PATH_LENGTH_EXCEEDED INVALID_PURPOSE CERT_UNTRUSTED CERT_REJECTED HOSTNAME_MISMATCH`.split(/\s+/),
)("%s has a sentence without advice of Node", (code) => {
  const said = tlsTrouble(error(code, "try running Node.js with --use-system-ca"));
  expect(said).toMatch(/server/);
  expect(said?.replace("try running Node.js with --use-system-ca", "")).toBe(said);
});

test("an alert that is not known is told by its reason, without threads and source lines", () => {
  const message =
    "4073E33DE67F0000:error:0A000410:SSL routines:ssl3_read_bytes:odd alert:../deps/x.c:918:";
  expect(tlsTrouble(error("ERR_SSL_ODD_ALERT", message, "odd alert"))).toBe(
    "TLS with the server failed: odd alert (ERR_SSL_ODD_ALERT)",
  );
});

test.for([
  error("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1"),
  error("ECONNRESET", "read ECONNRESET"),
  error("UND_ERR_SOCKET", "other side closed"),
  new Error("odd"),
  undefined,
])("%s is no matter of TLS", (other) => {
  expect(tlsTrouble(other)).toBeUndefined();
});

test("the API server's authorities are configured elsewhere", () => {
  const said = tlsTrouble(error("UNABLE_TO_GET_ISSUER_CERT"), { authorities: "the kubeconfig" });
  expect(said).toContain("in the kubeconfig");
});
