import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { renderEffective } from "../../../src/config/effective.ts";
import type { Environment } from "../../../src/config/language/environment.ts";
import { loadAgentSettings } from "../../../src/config/settings/load-agent-settings.ts";
import { issue, makeAuthority } from "../../tls/certificate.ts";

const authority = makeAuthority();
const pair = issue(authority);

let dir = "";
const at = (name: string) => join(dir, name);
const file = (name: string) => ({ kind: "file", path: at(name) });
const text = (pem: string) => ({ kind: "text", pem });
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "promline-destination-tls-"));
  await writeFile(at("ca.pem"), authority.pem);
  await writeFile(at("cert.pem"), pair.pem);
  await writeFile(at("key.pem"), pair.key);
});
afterAll(() => rm(dir, { recursive: true }));

async function load(environment: Environment, toml = "") {
  await writeFile(at("promline.toml"), toml);
  const { settings, issues } = await loadAgentSettings(at("promline.toml"), environment);
  const [first] = settings.destinations;
  return {
    settings,
    tls: first !== undefined && first.kind !== "file" ? first.tls : undefined,
    issues: issues.map(({ key, message }) => `${key}: ${message}`),
  };
}

const DATAWAY = { ENV_DATAWAY: "https://h?token=tkn_0123456789abcdef" };

test("variables of the environment say how TLS is spoken with DataWay", async () => {
  const { tls, issues } = await load({
    ...DATAWAY,
    ENV_DATAWAY_CA_CERTS: at("ca.pem"),
    ENV_DATAWAY_CERT: at("cert.pem"),
    ENV_DATAWAY_CERT_KEY: at("key.pem"),
    ENV_DATAWAY_SERVER_NAME: "dataway.test",
    ENV_DATAWAY_TLS_MIN_VERSION: "TLS13",
  });
  expect(issues).toEqual([]);
  expect(tls).toEqual({
    ca: [file("ca.pem")],
    cert: file("cert.pem"),
    key: file("key.pem"),
    serverName: "dataway.test",
    minVersion: "1.3",
    insecureSkipVerify: false,
  });
});

test("so do keys of dataway, in base64 too", async () => {
  const encoded = Buffer.from(authority.pem).toString("base64");
  const { tls, issues } = await load(DATAWAY, `[dataway]\nca_certs_base64 = ["${encoded}"]`);
  expect(issues).toEqual([]);
  expect(tls).toEqual({ ca: [text(authority.pem)], insecureSkipVerify: false });
});

test.for([
  'kind = "dataway"\nurl = "https://h?token=tkn_0123456789abcdef"',
  'kind = "influxdb_v1"\nurl = "https://h"\ndb = "d"',
  'kind = "influxdb_v2"\nurl = "https://h"\norg = "o"\nbucket = "b"',
])("so do those of other destinations: %s", async (kind) => {
  const keys = `ca_certs = ["${at("ca.pem")}"]\nserver_name = "n.test"`;
  const { tls, settings, issues } = await load({}, `[[destinations]]\n${kind}\n${keys}`);
  expect(issues).toEqual([]);
  expect(tls).toEqual({ ca: [file("ca.pem")], serverName: "n.test", insecureSkipVerify: false });
  expect(renderEffective([], settings)).toContain(keys.split("\n")[1]);
});

test.for(["tls_insecure = true", "insecure_skip_verify = true"])(
  "%s: not verified",
  async (key) => {
    const { tls } = await load(DATAWAY, `[dataway]\n${key}`);
    expect(tls).toEqual({ ca: [], insecureSkipVerify: true });
  },
);

test("without settings there are none", async () => {
  expect((await load(DATAWAY)).tls).toBeUndefined();
});

test.for([
  ['cert = "CERT"', "dataway.cert: needs cert_key too"],
  ['tls_min_version = "1.4"', 'dataway.tls_min_version: "1.4" is not one of 1.0, 1.1, 1.2, 1.3'],
  ['cert_base64 = "c2VjcmV0"', "dataway.cert_base64: is not PEM text in base64 (not shown)"],
  [
    'cert = "CERT"\ncert_key = "CERT"',
    "dataway.cert_key: CERT: it holds a certificate, not a key; nothing is sent until the file is right",
  ],
] as const)("%s: %s", async ([keys, words]) => {
  const inPlace = (line: string) => line.replaceAll("CERT", at("cert.pem"));
  const { issues } = await load(DATAWAY, `[dataway]\n${inPlace(keys)}`);
  expect(issues).toContainEqual(expect.stringContaining(inPlace(words)));
});
