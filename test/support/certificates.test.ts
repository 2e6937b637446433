import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Authority, installPair } from "./certificates.ts";
import { scratchDirectory } from "./scratch-directory.ts";
import { requireService } from "./services.ts";

function read(path: string): X509Certificate {
  return new X509Certificate(readFileSync(path));
}

test("an authority signs pairs with names, and expired ones", (context) => {
  const openssl = requireService(context, "openssl");
  const directory = scratchDirectory("certificates");
  const authority = new Authority(openssl, join(directory, "one"));
  const other = new Authority(openssl, join(directory, "two"));
  const server = authority.issue("server", { names: ["IP:127.0.0.1"], use: "serverAuth" });
  const expired = authority.issue("expired", { expired: true });
  const certificate = read(server.cert);
  expect(certificate.verify(read(authority.cert).publicKey)).toBe(true);
  expect(certificate.verify(read(other.cert).publicKey)).toBe(false);
  expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now());
  expect(Date.parse(read(expired.cert).validTo)).toBeLessThan(Date.now());
});

test("a pair takes the place of another", (context) => {
  const directory = scratchDirectory("certificates");
  const authority = new Authority(requireService(context, "openssl"), directory);
  const used = authority.issue("used");
  const before = read(used.cert).fingerprint256;
  installPair(authority.issue("next"), used);
  expect(read(used.cert).fingerprint256).not.toBe(before);
  expect(readFileSync(used.key)).toEqual(readFileSync(join(directory, "next.key")));
});
