import { expect, test } from "vitest";
import { certificatesIn, checkCertificate, checkKey } from "../../src/tls/pem-text.ts";
import { makeAuthority, pemOf } from "./certificate.ts";

const { pem, key, der } = makeAuthority();
/** The start of a PFX: SEQUENCE, INTEGER 3 (RFC 7292). */
const PFX = Buffer.of(0x30, 0x82, 0x0a, 0xb4, 2, 1, 3, 0x30, 0x82, 0x0a, 0x7a);

const asRead = (bytes: Buffer) => bytes.toString("utf8");

test.for([
  ["nothing", "", /^it is empty$/],
  ["a key", key, /^it holds a key, not a certificate$/],
  ["a request", pemOf("CERTIFICATE REQUEST", Buffer.from("x")), /certificate request, not a/],
  ["a damaged certificate", pemOf("CERTIFICATE", Buffer.from("x")), /damaged/],
  ["half a certificate", pem.slice(0, 200), /^its certificate is cut off$/],
  ["DER", asRead(der), /DER.*openssl x509 -inform der/],
  ["PKCS#12", asRead(PFX), /PKCS#12.*openssl pkcs12 -in FILE -nokeys/],
  ["UTF-16", asRead(Buffer.from(pem, "utf16le")), /UTF-16/],
  ["prose", "not a certificate", /^it holds no certificate in PEM form$/],
] as const)("%s in place of a certificate", ([, text, words]) => {
  expect(certificatesIn(text)).toMatchObject({
    kind: "trouble",
    text: expect.stringMatching(words),
  });
  expect(checkCertificate(text)).toMatchObject({ kind: "trouble" });
});

test.for([
  ["a certificate", pem, /^it holds a certificate, not a key$/],
  ["half a key", key.slice(0, 100), /damaged/],
  ["an encrypted key", "-----BEGIN ENCRYPTED PRIVATE KEY-----", /encrypted.*openssl pkey/],
  [
    "an encrypted key of the old form",
    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n",
    /encrypted/,
  ],
  ["PKCS#12", asRead(PFX), /openssl pkcs12 -in FILE -nocerts/],
] as const)("%s in place of a key", ([, text, words]) => {
  expect(checkKey(text)).toMatchObject({ kind: "trouble", text: expect.stringMatching(words) });
});
