import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PageFetcher } from "../../src/fetch/page-fetcher.ts";
import { SystemAuthorities, systemAuthorities } from "../../src/tls/system-authorities.ts";
import { TlsIdentities } from "../../src/tls/tls-identities.ts";
import { get, request } from "../fetch/fetch-case.ts";
import { RecordingSink } from "../fetch/recording-sink.ts";
import { answer, serve } from "../fetch/scripted-server.ts";
import { ManualClock } from "../manual-clock.ts";
import { issue, makeAuthority, pemOf } from "./certificate.ts";

const one = makeAuthority({ name: "one" });
const two = makeAuthority({ name: "two" });
const three = makeAuthority({ name: "three" });

let dir = "";
let trusted: readonly string[] | undefined;
beforeEach(() => {
  trusted = undefined;
  dir = mkdtempSync(join(tmpdir(), "promline-system-"));
  mkdirSync(join(dir, "certs"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const file = (name: string) => join(dir, name);
/** A system with the files that the test wrote. */
const system = (base: readonly string[] = []): SystemAuthorities =>
  new SystemAuthorities(
    { SSL_CERT_FILE: file("bundle.pem"), SSL_CERT_DIR: `${file("none")}:${file("certs")}` },
    () => base,
    (pems) => {
      trusted = pems;
    },
  );

test("the bundle and the directories are read, each certificate once", async () => {
  writeFileSync(file("bundle.pem"), `# one\n${one.pem}${two.pem}`);
  writeFileSync(file("certs/three.pem"), three.pem.replaceAll("\n", "\r\n"));
  writeFileSync(file("certs/one.crt"), one.pem);
  symlinkSync("three.pem", file("certs/0a1b2c3d.0"));
  await system().load();
  expect(trusted).toEqual([one.pem, two.pem, three.pem]);
});

test("what is trusted anyway comes first and only once", async () => {
  writeFileSync(file("bundle.pem"), one.pem + two.pem);
  await system([two.pem]).load();
  expect(trusted).toEqual([two.pem, one.pem]);
});

test("where nothing is new, nothing is changed", async () => {
  writeFileSync(file("bundle.pem"), one.pem);
  await system([one.pem]).load();
  expect(trusted).toBeUndefined();
});

test.for([
  ["no file at all", (): void => undefined, []],
  [
    "a damaged certificate",
    () => writeFileSync(file("bundle.pem"), pemOf("CERTIFICATE", Buffer.from("x")) + one.pem),
    [one.pem],
  ],
  ["a file that is none", () => mkdirSync(file("bundle.pem")), []],
  ["a link to nowhere", () => symlinkSync("/nowhere/x.pem", file("certs/x.pem")), []],
  ["other text", () => writeFileSync(file("certs/README"), "read me"), []],
] as const)("%s breaks nothing", async ([, spoil, more]) => {
  writeFileSync(file("certs/three.pem"), three.pem);
  spoil();
  await system().load();
  expect(trusted).toEqual([...more, three.pem]);
});

test("files are read again when they change", async () => {
  writeFileSync(file("bundle.pem"), one.pem);
  const authorities = system();
  const before = await authorities.load();
  trusted = undefined;
  expect(await authorities.load()).toBe(before);
  expect(trusted).toBeUndefined();
  writeFileSync(file("bundle.pem"), two.pem + one.pem);
  expect(await authorities.load()).not.toBe(before);
  expect(trusted).toEqual([two.pem, one.pem]);
});

test("another set of authorities makes another identity, a minute later at the most", async () => {
  let loaded = "first";
  const clock = new ManualClock();
  const identities = new TlsIdentities(clock, () => undefined, { load: async () => loaded });
  const before = await identities.get();
  loaded = "second";
  clock.advance(59_000);
  expect(await identities.get()).toBe(before);
  clock.advance(1_000);
  expect(await identities.get()).not.toBe(before);
});

test("a target of an authority of the system is scraped without ca_certs", async () => {
  const shown = issue(one);
  const server = await serve((socket) => socket.write(answer("up 1\n")), {
    tls: { cert: shown.pem, key: shown.key },
  });
  const fetcher = new PageFetcher();
  await systemAuthorities.load();
  const asBefore = tls.getCACertificates("default");
  writeFileSync(file("bundle.pem"), one.pem);
  const places = { SSL_CERT_FILE: file("bundle.pem"), SSL_CERT_DIR: file("certs") };
  const trust = (pems: readonly string[]) => tls.setDefaultCACertificates(pems);
  await new SystemAuthorities(places, () => asBefore, trust).load();
  const outcome = await get(fetcher, request(server.url), new RecordingSink());
  tls.setDefaultCACertificates(asBefore);
  await fetcher.close();
  await server.close();
  expect(outcome.kind).toBe("ok");
});
