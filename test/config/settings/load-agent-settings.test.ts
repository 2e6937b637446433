import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadAgentSettings } from "../../../src/config/settings/load-agent-settings.ts";
import { load, MACHINE } from "./load-case.ts";

let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "promline-settings-"));
});
afterAll(() => rm(dir, { recursive: true }));

test("DataKit's variables for its queue", async () => {
  const { settings, issues } = await load({
    ENV_DATAWAY_WAL_PATH: "/var/lib/promline/queue",
    ENV_DATAWAY_WAL_CAPACITY: "0.5",
    ENV_DATAWAY_WAL_WORKERS: "4",
    ENV_DATAWAY_DROP_EXPIRED_PACKAGE_AT: "6h",
  });
  expect(settings.queue).toMatchObject({
    dir: "/var/lib/promline/queue",
    maxBytes: 2 ** 29,
    maxAgeMs: 6 * 3_600_000,
  });
  expect(issues).toEqual([
    "environment: warning: ENV_DATAWAY_WAL_WORKERS: has no effect: nobody waits for the disk",
  ]);
});

test("an address in a variable may come from a file, whole or in part", async () => {
  const file = join(dir, "address");
  await writeFile(file, "http://a?token=t1,http://b?token=t2\n");
  const urls = async (ENV_DATAWAY: string) => {
    const { settings, issues } = await load({ ENV_DATAWAY });
    return [
      settings.destinations.map((one) => (one.kind === "dataway" ? one.url : one.kind)),
      issues,
    ];
  };
  expect(await urls(`ENC[file://${file}]`)).toEqual([
    ["http://a?token=t1", "http://b?token=t2"],
    [],
  ]);
  await writeFile(file, "t3");
  expect(await urls(`http://c?token=ENC[file://${file}]`)).toEqual([["http://c?token=t3"], []]);
  expect((await urls(`ENC[file://${file}.none]`))[1]).toEqual([
    "environment: ENV_DATAWAY: the file of ENC[file://…] cannot be read",
  ]);
});

test("everything has a default", async () => {
  expect(await load({})).toEqual({
    settings: {
      hostname: "machine",
      confDir: "conf.d",
      dataDir: "data",
      queue: {
        enabled: true,
        dir: "data/queue",
        maxBytes: 2 * 1024 ** 3,
        maxAgeMs: 43_200_000,
        minFreePercent: 15,
        whenFull: "drop_oldest",
        whenFullLogging: "drop_oldest",
        sync: "interval",
        maxLossMs: 1000,
        freshFirst: true,
        drainBytesPerSecond: 8 * 1024 ** 2,
      },
      reloadIntervalMs: 10_000,
      httpListen: "localhost:9529",
      log: { level: "info", format: "auto" },
      globalHostTags: { host: "machine" },
      globalElectionTags: { host: "machine" },
      election: { enabled: false, namespace: "default" },
      kubernetes: expect.objectContaining({ enabled: false, events: false }),
      lanes: { count: undefined, scrapesInFlight: 64, bytesInFlight: 67_108_864 },
      sinker: { enabled: false, customerKeys: [] },
      datawayClock: { enabled: false, intervalMs: 300_000, leastOffsetMs: 30_000 },
      replayBytes: undefined,
      delivery: {
        flushIntervalMs: 10_000,
        payloadBytes: 1_048_576,
        memoryBytes: undefined,
        whenFull: "drop_oldest",
        correctTimes: true,
      },
      destinations: [
        { kind: "file", dir: "data", maxTotalBytes: 536_870_912, maxFileBytes: 67_108_864 },
      ],
      protectMode: true,
      metricRelabel: { flavour: "prometheus", rules: [] },
      targetRelabel: { flavour: "prometheus", rules: [] },
    },
    issues: [],
  });
});

test("memory and lanes that are not set are left to the memory plan, those that are set stay", async () => {
  const text =
    "lanes = { count = 3, max_bytes_in_flight = 2097152 }\nreplay.max_bytes = 0\ndelivery.max_memory = 1048576";
  const { settings } = await load({}, text);
  expect(settings.lanes).toMatchObject({ count: 3, bytesInFlight: 2_097_152 });
  expect([settings.replayBytes, settings.delivery.memoryBytes]).toEqual([0, 1_048_576]);
});

describe("destinations", () => {
  test("the usual proxy variables count where they are asked for, for each address", async () => {
    const variables = { HTTPS_PROXY: "http://u:p@proxy:3128", NO_PROXY: "b" };
    const proxies = async (more: Record<string, string>) => {
      const addresses = { ENV_DATAWAY: "https://a?token=1, https://b?token=2" };
      const { settings } = await load({ ...addresses, ...variables, ...more });
      return settings.destinations.map((one) => ("proxy" in one ? one.proxy : undefined));
    };
    expect(await proxies({})).toEqual([undefined, undefined]);
    expect(await proxies({ ENV_DATAWAY_HTTP_PROXY: "environment" })).toEqual([
      "http://u:p@proxy:3128",
      undefined,
    ]);
  });

  test("each address of ENV_DATAWAY is one", async () => {
    const { settings, issues } = await load({
      ENV_DATAWAY: "https://a?token=1, https://b?token=2",
      ENV_DATAWAY_TIMEOUT: "5s",
      ENV_DATAWAY_HTTP_PROXY: "http://user:pass@proxy:3128",
      ENV_DATAWAY_MAX_RAW_BODY_SIZE: "204800",
      ENV_DATAWAY_TLS_INSECURE: "on",
      ENV_DATAWAY_DISABLE_GZIP: "true",
      ENV_DATAWAY_IDLE_TIMEOUT: "60s",
    });
    const same = {
      kind: "dataway",
      timeoutMs: 5000,
      idleTimeoutMs: 60_000,
      connectionAgeMs: 300_000,
      proxy: "http://user:pass@proxy:3128",
      gzip: false,
      tls: { ca: [], insecureSkipVerify: true },
      maxRawBodyBytes: 204_800,
      headers: {},
    };
    expect(settings.destinations).toEqual([
      { ...same, contentEncoding: "v1", url: "https://a?token=1" },
      { ...same, contentEncoding: "v1", url: "https://b?token=2" },
    ]);
    expect(issues).toEqual([]);
  });

  test("of all kinds come from the file", async () => {
    const { settings, issues } = await load(
      {},
      `
[dataway]
urls = ["https://a?token=1"]
[[destinations]]
kind = "influxdb_v1"
url = "http://i:8086"
db = "d"
user = "u"
password = "p"
[[destinations]]
kind = "influxdb_v2"
url = "http://i2:8086"
org = "o"
bucket = "b"
token = "t"
timeout = "1s"
headers = { X = "y" }
[[destinations]]
kind = "dataway"
url = "https://c?token=1"
[[destinations]]
kind = "file"
dir = "/out"
`,
    );
    expect(issues).toEqual([]);
    expect(settings.destinations).toMatchObject([
      { kind: "dataway", url: "https://a?token=1", timeoutMs: 30_000, gzip: true },
      { kind: "influxdb_v1", url: "http://i:8086", db: "d", user: "u", password: "p" },
      {
        kind: "influxdb_v2",
        org: "o",
        bucket: "b",
        token: "t",
        timeoutMs: 1000,
        headers: { X: "y" },
      },
      { kind: "dataway", url: "https://c?token=1" },
      { kind: "file", dir: "/out", maxFileBytes: 67_108_864 },
    ]);
  });

  test("that are incomplete or no address are errors at their place", async () => {
    const { issues } = await load(
      { ENV_DATAWAY: "ftp://secret,https://secret/path" },
      `
[[destinations]]
url = "http://x"
[[destinations]]
kind = "influxdb_v1"
[[destinations]]
kind = "influxdb_v1"
url = "http://x"
[[destinations]]
kind = "influxdb_v2"
url = "http://x"
[[destinations]]
kind = "influxdb_v2"
url = "secret"
[[destinations]]
kind = "influx"
`,
    );
    expect(issues).toEqual([
      "environment: ENV_DATAWAY: is not an http or https URL (not shown, it may hold a token)",
      "environment: warning: ENV_DATAWAY: the path of the address is not used: only scheme, host and query are",
      "environment: warning: ENV_DATAWAY: the address has no token=…, DataWay will refuse what is sent",
      "promline.toml:2:1: destinations: needs kind",
      "promline.toml:4:1: destinations: needs url",
      "promline.toml:6:1: destinations: needs db",
      "promline.toml:9:1: destinations: needs org and bucket",
      "promline.toml:14:1: destinations.url: is not an http or https URL (not shown, it may hold a token)",
      'promline.toml:16:1: destinations.kind: "influx" is not one of dataway, influxdb_v1, influxdb_v2, file',
    ]);
  });

  test("whose token is a placeholder are refused by its name, wherever it stands", async () => {
    const { issues } = await load(
      { ENV_DATAWAY: "https://a?token=tkn_REPLACE_ME,https://b?token=%3Cyour-token%3E" },
      `
[[destinations]]
kind = "dataway"
url = "https://c?token=<your-token>"
[[destinations]]
kind = "influxdb_v2"
url = "https://c"
org = "o"
bucket = "b"
token = "changeme"
`,
    );
    const why = "is a placeholder: put the token of your workspace in its place";
    expect(issues).toEqual([
      `environment: ENV_DATAWAY: the token "tkn_REPLACE_ME" ${why}`,
      `environment: ENV_DATAWAY: the token "<your-token>" ${why}`,
      `promline.toml:4:1: destinations.url: the token "<your-token>" ${why}`,
      `promline.toml:10:1: destinations.token: the token "changeme" ${why}`,
    ]);
  });

  test("hold bodies at 100 KiB or more in protect mode", async () => {
    const small = { ENV_DATAWAY: "https://a?token=1", ENV_DATAWAY_MAX_RAW_BODY_SIZE: "1000" };
    const held = await load(small);
    const free = await load({ ...small, ENV_DISABLE_PROTECT_MODE: "1" });
    expect(held.settings.destinations).toMatchObject([{ maxRawBodyBytes: 102_400 }]);
    expect(held.issues).toEqual([
      "environment: warning: ENV_DATAWAY_MAX_RAW_BODY_SIZE: 1000 is too small: 102400 is used",
    ]);
    expect(free.settings.destinations).toMatchObject([{ maxRawBodyBytes: 1000 }]);
  });
});

describe("environment", () => {
  test("wins over the file", async () => {
    const toml = 'hostname = "file"\nhttp_listen = "[::1]:1"\n[log]\nlevel = "error"\n';
    const file = await load({}, toml);
    const both = await load(
      { ENV_HOSTNAME: "env", ENV_HTTP_LISTEN: ":9529", ENV_LOG_LEVEL: "WARNING" },
      toml,
    );
    expect(file.settings).toMatchObject({
      hostname: "file",
      httpListen: "[::1]:1",
      log: { level: "error" },
    });
    expect(both.settings).toMatchObject({
      hostname: "env",
      httpListen: ":9529",
      log: { level: "warn" },
    });
    expect([...file.issues, ...both.issues]).toEqual([]);
  });

  test.each([
    ["true", true],
    ["1", true],
    ["Yes", true],
    ["on", true],
    ["enable", true],
    ["false", false],
    ["0", false],
    ["no", false],
    ["off", false],
    ["", false],
  ])("%j means %s", async (text, value) => {
    const { settings } = await load({ ENV_ENABLE_ELECTION: text });
    expect(settings.election.enabled).toBe(value);
  });

  test("says every wrong variable", async () => {
    const { issues } = await load({
      ENV_ENABLE_ELECTION: "maybe",
      ENV_DISABLE_PROTECT_MODE: "2",
      ENV_IO_FLUSH_INTERVAL: "10",
      ENV_DATAWAY_MAX_RAW_BODY_SIZE: "1MB",
      ENV_HTTP_LISTEN: "9529",
      ENV_LOG_LEVEL: "loud",
      ENV_DATAWAY_CONTENT_ENCODING: "v2",
      ENV_DATAWAY_MAX_RETRY_COUNT: "4",
      ENV_LOG: "/var/log/x",
      ENV_DEFAULT_ENABLED_INPUTS: "cpu, prom disk",
      ENV_HTTP_LISTN: "x",
      ENV_WHATEVER: "x",
    });
    expect(issues.toSorted()).toEqual([
      'environment: ENV_DATAWAY_MAX_RAW_BODY_SIZE: "1MB" is not a whole number of bytes (1 to 1073741824)',
      'environment: ENV_DISABLE_PROTECT_MODE: "2" is not true or false',
      'environment: ENV_ENABLE_ELECTION: "maybe" is not true or false',
      'environment: ENV_HTTP_LISTEN: "9529" is not of the form host:port',
      'environment: ENV_IO_FLUSH_INTERVAL: "10" is not a duration; write one like "30s" or "1m30s"',
      'environment: ENV_LOG_LEVEL: "loud" is not one of trace, debug, info, warn, error',
      "environment: warning: ENV_DATAWAY_MAX_RETRY_COUNT: has no effect: what can be delivered later is retried, with growing pauses, for as long as the queue holds it",
      "environment: warning: ENV_DEFAULT_ENABLED_INPUTS: not collected here: cpu, disk",
      'environment: warning: ENV_HTTP_LISTN: unknown variable, ignored; did you mean "ENV_HTTP_LISTEN"?',
      "environment: warning: ENV_LOG: has no effect: the log goes to standard output",
    ]);
  });
});

describe("the file", () => {
  test("is read with positions, and its trouble does not hide the environment", async () => {
    const toml =
      'confdir = "x"\n[delivery]\n  flush_interval = "x"\n  when_full = "drop"\n[dataway]\ncontent_encoding = "protobuf"\n[election]\nenable = true\n';
    const { issues } = await load({ ENV_LOG_LEVEL: "loud" }, toml);
    expect(issues).toEqual([
      'environment: ENV_LOG_LEVEL: "loud" is not one of trace, debug, info, warn, error',
      'promline.toml:1:1: warning: confdir: unknown key, ignored; did you mean "conf_dir"?',
      'promline.toml:3:3: delivery.flush_interval: "x" is not a duration; write one like "30s" or "1m30s"',
      'promline.toml:4:3: delivery.when_full: "drop" is not one of drop_oldest, drop_newest',
      "promline.toml:8:1: warning: election.enable: election is not built yet: every node scrapes every input",
    ]);
  });

  test("that is not TOML, or not there, is an error", async () => {
    expect((await load({}, "a b")).issues).toEqual([
      'promline.toml:1:3: not TOML: invalid character, expected "="',
    ]);
    const missing = await loadAgentSettings("/no/such/file", {}, MACHINE);
    expect(missing.issues).toMatchObject([
      { severity: "error", file: "/no/such/file", message: "cannot be read (ENOENT)" },
    ]);
  });
});

test.each([
  [{}, "", undefined, []],
  [{ ENV_HTTP_TOKEN: "0123456789abcdef" }, "", { kind: "token", token: "0123456789abcdef" }, []],
  [{ ENV_HTTP_TOKEN_FILE: "/run/t" }, "", { kind: "file", path: "/run/t" }, []],
  [{}, 'http_token_file = "/run/t"', { kind: "file", path: "/run/t" }, []],
  [{ ENV_HTTP_TOKEN: "short" }, "", { kind: "token", token: "short" }, ["may be guessed"]],
  [{ ENV_HTTP_TOKEN: "two words" }, "", undefined, ["is no token"]],
  [{ ENV_HTTP_TOKEN: "x" }, 'http_token_file = "/run/t"', undefined, ["one of them has to go"]],
  [{}, "http_relabel_remote = true", undefined, ["others than this machine need a bearer token"]],
])("the token of the pages from %j and %j", async (environment, toml, httpToken, issues) => {
  const { settings, issues: said } = await load(environment, toml);
  expect(settings.httpToken).toEqual(httpToken);
  expect(said).toHaveLength(issues.length);
  for (const [index, text] of issues.entries()) {
    expect(said[index]).toContain(text);
  }
});
