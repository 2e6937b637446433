import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type tls from "node:tls";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { PageFetcher } from "../../src/fetch/page-fetcher.ts";
import { TlsIdentities, type TlsIdentity } from "../../src/tls/tls-identities.ts";
import type { TlsConfig } from "../../src/tls-config.ts";
import { Authority, hasOpenssl, type Pair } from "../fetch/certificates.ts";
import { get, request } from "../fetch/fetch-case.ts";
import { RecordingSink } from "../fetch/recording-sink.ts";
import { answer, serve } from "../fetch/scripted-server.ts";
import { ManualClock } from "../manual-clock.ts";

const SYSTEM: TlsConfig = { ca: [], insecureSkipVerify: false };

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "promline-tls-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const file = (name: string) => ({ kind: "file" as const, path: join(dir, name) });

test("without a configuration there is one identity for all", async () => {
  const identities = new TlsIdentities(new ManualClock(), () => undefined);
  const first = await identities.get();
  expect(await identities.get(SYSTEM)).toBe(first);
  expect(first).toMatchObject({ verify: true, retired: false });
});

test.for([
  ["an authority", { ca: [{ kind: "file", path: "/nowhere/ca.pem" }] }, /\/nowhere\/ca\.pem/],
  ["a directory", { ca: [{ kind: "file", path: "/tmp" }] }, /\/tmp: not a regular file/],
  [
    "text that is no certificate",
    { ca: [{ kind: "text", pem: "secret" }] },
    /authority given as text/,
  ],
  ["a certificate without key", { cert: { kind: "text", pem: "x" } }, /both/],
] as const)("%s that cannot be used is tls_files and named", async ([, part, words]) => {
  const identities = new TlsIdentities(new ManualClock(), () => undefined);
  const trouble = await identities.get({ ...SYSTEM, ...part });
  expect(trouble).toMatchObject({ kind: "fault", reason: "tls_files" });
  expect("detail" in trouble && trouble.detail).toMatch(words);
  expect("detail" in trouble && trouble.detail).not.toContain("secret");
});

describe.skipIf(!hasOpenssl)("with files (needs the openssl command)", () => {
  const authority = hasOpenssl ? new Authority() : undefined!;
  const first: Pair = hasOpenssl ? authority.issue("first") : undefined!;
  const second: Pair = hasOpenssl ? authority.issue("second") : undefined!;
  afterAll(() => authority?.remove());

  const put = (pair: Pair, parts: readonly ("cert" | "key")[] = ["cert", "key"]): void => {
    for (const part of parts) {
      copyFileSync(part === "cert" ? pair.certPath : pair.keyPath, file(part).path);
    }
  };
  const config = (): TlsConfig => {
    copyFileSync(authority.pair.certPath, file("ca").path);
    return { ca: [file("ca")], cert: file("cert"), key: file("key"), insecureSkipVerify: false };
  };

  test("unchanged files keep the identity, replaced ones make a new one", async () => {
    const clock = new ManualClock();
    const retired: TlsIdentity[] = [];
    const identities = new TlsIdentities(clock, (identity) => retired.push(identity));
    put(first);
    const before = await identities.get(config());
    clock.advance(1000);
    expect(await identities.get(config())).toBe(before);
    put(second);
    clock.advance(999);
    expect(await identities.get(config())).toBe(before);
    clock.advance(1);
    const after = await identities.get(config());
    expect(after).not.toBe(before);
    expect(retired).toEqual([before]);
  });

  test.for([
    ["a certificate whose key has not come yet", () => put(second, ["cert"])],
    ["a key whose certificate has not come yet", () => put(second, ["key"])],
    ["half a certificate", () => writeFileSync(file("cert").path, second.cert.slice(0, 200))],
    ["an empty key", () => writeFileSync(file("key").path, "")],
    ["no certificate at all", () => rmSync(file("cert").path)],
  ] as const)("%s leaves the old pair in place until both match", async ([, spoil]) => {
    const clock = new ManualClock();
    const identities = new TlsIdentities(clock, () => undefined);
    put(first);
    const before = await identities.get(config());
    spoil();
    clock.advance(1000);
    expect(await identities.get(config())).toBe(before);
    put(second);
    clock.advance(1000);
    expect(await identities.get(config())).toMatchObject({ retired: false, verify: true });
    expect(before).toMatchObject({ retired: true });
  });

  test("a file touched but not changed keeps the identity", async () => {
    const clock = new ManualClock();
    const identities = new TlsIdentities(clock, () => undefined);
    put(first);
    const before = await identities.get(config());
    put(first);
    clock.advance(1000);
    expect(await identities.get(config())).toBe(before);
  });

  test("a pair that never matched is tls_files with the path of the key", async () => {
    const identities = new TlsIdentities(new ManualClock(), () => undefined);
    put(first, ["cert"]);
    put(second, ["key"]);
    const trouble = await identities.get(config());
    expect(trouble).toMatchObject({ reason: "tls_files" });
    expect("detail" in trouble && trouble.detail).toContain(file("key").path);
  });

  test("scrapes at the same time look at the files once", async () => {
    const identities = new TlsIdentities(new ManualClock(), () => undefined);
    put(first);
    const shared = config();
    const [one, two] = await Promise.all([identities.get(shared), identities.get(shared)]);
    expect(one).toBe(two);
  });

  test("a rotated pair is shown on a new connection and the old one ends", async () => {
    const names: string[] = [];
    const shown = authority.issue("server");
    const asking = { requestCert: true, rejectUnauthorized: true, ca: authority.pair.cert };
    const server = await serve(
      (socket) => {
        const { subject } = (socket as tls.TLSSocket).getPeerCertificate();
        names.push(String(subject.CN));
        socket.write(answer("up 1\n"));
      },
      { tls: { cert: shown.cert, key: shown.key, ...asking } },
    );
    const clock = new ManualClock();
    const fetcher = new PageFetcher({ clock });
    const ask = async () => {
      const outcome = await get(
        fetcher,
        request(server.url, { tls: config() }),
        new RecordingSink(),
      );
      expect(outcome.kind).toBe("ok");
      clock.advance(1000);
    };
    put(first);
    await ask();
    await ask();
    expect(server.accepted()).toBe(1);
    put(second, ["cert"]);
    await ask();
    put(second);
    await ask();
    expect(names).toEqual(["first", "first", "first", "second"]);
    await expect.poll(() => server.open()).toBe(1);
    await fetcher.close();
    await server.close();
  });
});
