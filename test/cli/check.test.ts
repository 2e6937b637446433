import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkCommand } from "../../src/cli/check.ts";
import type { Environment } from "../../src/config/language/environment.ts";

let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "promline-check-"));
  await writeFile(join(dir, "good.conf"), '[[inputs.prom]]\nurl = "http://h"\nintervall = "1s"\n');
  await writeFile(
    join(dir, "bad.conf"),
    '[[inputs.prom]]\nurl = "http://h"\ninterval = "x"\n[[inputs.prom]]\nsource = "s"\n',
  );
});
afterAll(() => rm(dir, { recursive: true }));

async function check(
  args: readonly string[],
  environment: Environment = {},
): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const io = {
    stdout: (text: string) => {
      out += text;
    },
    stderr: (text: string) => {
      err += text;
    },
  };
  const code = await checkCommand(args, io, environment);
  return { code, out, err: err.replaceAll(`${dir}/`, "") };
}

test("warnings are no failure", async () => {
  const { code, out, err } = await check([join(dir, "good.conf")]);
  expect(code).toBe(0);
  expect(err).toBe(
    'good.conf:3:1: warning: inputs.prom.intervall: unknown key, ignored; did you mean "interval"?\n' +
      "inputs: 1, errors: 0, warnings: 1\n",
  );
  expect(out).toContain('urls = [ "http://h" ]');
  expect(out).toContain('interval = "30s"');
});

test("every bad table is told of and makes exit code 2", async () => {
  const { code, out, err } = await check([dir]);
  expect(code).toBe(2);
  expect(err.split("\n").slice(0, 3)).toEqual([
    'bad.conf:3:1: inputs.prom.interval: "x" is not a duration; write one like "30s" or "1m30s"',
    "bad.conf:4:1: inputs.prom: nothing to scrape: urls is missing or empty",
    'good.conf:3:1: warning: inputs.prom.intervall: unknown key, ignored; did you mean "interval"?',
  ]);
  expect(out).toContain('interval = "30s"');
});

test("several paths are all checked, the environment's inputs once", async () => {
  const inline = { ENV_DATAKIT_INPUTS: '[inputs.prom]\nurl = "http://inline"' };
  const { out } = await check([join(dir, "good.conf"), join(dir, "bad.conf")], inline);
  expect(out.split('urls = [ "http://inline" ]')).toHaveLength(2);
});

test("without a path the drop-ins of the settings are checked", async () => {
  const config = join(dir, "promline.settings");
  await writeFile(config, `conf_dir = "${dir}"\n`);
  expect((await check(["--config", config])).err).toContain("inputs: 1, errors: 2");
});

test("a path that is not there is an error", async () => {
  expect((await check([join(dir, "none")])).code).toBe(2);
});

test("a TLS file that cannot be used is named with its key", async () => {
  const encrypted = join(dir, "encrypted.key");
  await writeFile(encrypted, "-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
  await writeFile(join(dir, "empty.pem"), "");
  await writeFile(
    join(dir, "tls.conf"),
    `[[inputs.prom]]\nurl = "https://h"\nca_certs = ["${dir}/empty.pem"]\ncert = "${dir}/none.pem"\ncert_key = "${encrypted}"\n`,
  );
  const { code, err } = await check([join(dir, "tls.conf")], {
    ENV_DATAWAY: "https://h?token=tkn_0123456789abcdef",
    ENV_DATAWAY_CA_CERTS: join(dir, "empty.pem"),
  });
  expect(code).toBe(0);
  expect(err.split("\n")).toEqual([
    "environment: warning: ENV_DATAWAY_CA_CERTS: empty.pem: it is empty; nothing is sent until the file is right",
    "tls.conf:1:1: warning: inputs.prom.ca_certs: empty.pem: it is empty",
    expect.stringMatching(/^tls.conf:1:1: warning: inputs.prom.cert: .*none.pem/),
    "inputs: 1, errors: 0, warnings: 3",
    "",
  ]);
});

test("what auto comes to is said of each URL", async () => {
  const inline =
    '[[inputs.prom]]\nurls = ["http://127.0.0.1:9100/m", "http://u:p@192.0.2.1/m?token=x"]\n' +
    '[[inputs.prom]]\nurl = "http://192.0.2.2/m"\nencoding = "identity"';
  const { out } = await check([join(dir, "none.conf")], { ENV_DATAKIT_INPUTS: inline });
  const said = out.split("\n").filter((line) => line.startsWith("# asks "));
  expect(said).toHaveLength(2);
  expect(said[0]).toBe("# asks http://127.0.0.1:9100/m for identity");
  expect(said[1]).toMatch(/^# asks http:\/\/\S*192\.0\.2\.1\/m\S* for gzip$/);
  expect(said[1]).not.toMatch(/u:p|=x/);
});
