import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { AgentProcess, CHECKOUT, runOnce } from "../support/agent-process.ts";
import { Child } from "../support/child.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";
import { until } from "../support/until.ts";

/** Every canary holds this word, in all spellings they take on their way (base64 and percent signs besides). */
const WORD = "cAnArY7";

function canary(name: string): string {
  return `${WORD}${name}`;
}

/** `user:password` of Basic authentication, as it travels. */
function basic(user: string): string {
  return Buffer.from(`${canary(`${user}User`)}:${canary(`${user}Pass`)}`).toString("base64");
}

const SPELLINGS = [WORD, "tkn_0canary", basic("Target"), basic("Proxy"), basic("Influx")];

/** Answers as the path says and echoes in the body whatever secret the request carried, as careless servers do. */
class EchoServer {
  readonly bodies: string[] = [];
  readonly requests = new Map<string, number>();
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch(() => response.destroy());
  });

  static async start(): Promise<EchoServer> {
    const echo = new EchoServer();
    await new Promise<void>((resolve) => echo.#server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      echo.#server.closeAllConnections();
      echo.#server.close();
    });
    return echo;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray());
    const url = new URL(request.url ?? "/", "http://echo");
    const echoed = `${request.url} ${request.rawHeaders.join(" ")}`;
    this.requests.set(url.pathname, (this.requests.get(url.pathname) ?? 0) + 1);
    if (request.method === "POST") {
      this.bodies.push(gunzipSync(body).toString());
    }
    switch (url.pathname) {
      case "/ok":
        response.end("ok_metric 1\nnot a line\n");
        return;
      case "/moved":
        response.writeHead(302, { location: `http://elsewhere.invalid/?t=${canary("Moved")}` });
        response.end(echoed);
        return;
      case "/echo":
        response.end(`<html>${echoed.replaceAll("{", "")}\n</html>`);
        return;
      case "/write":
        response.writeHead(204).end();
        return;
      case "/v1/write/metric":
        response.writeHead(url.search.includes("Good") ? 200 : 400).end(echoed);
        return;
      default:
        response.writeHead(401, { "www-authenticate": echoed }).end(echoed);
    }
  }
}

function conf(host: string, files: string): string {
  const withSecrets = (path: string, scheme = "http", at = host) =>
    `${scheme}://${canary("TargetUser")}:${canary("TargetPass")}@${at}${path}?token=${canary("Query")}&${canary("Bare")}`;
  const urls = ["/ok", "/denied", "/moved", "/echo"].map((path) => withSecrets(path));
  urls.push(withSecrets("/ok", "http", "127.0.0.1:1"), withSecrets("/ok", "https"));
  urls.push(withSecrets("/ok", "http", "nowhere.invalid"));
  const input = (path: string, settings: string) =>
    `[[inputs.prom]]\nurls = ["http://${host}${path}"]\ninterval = "1s"\nelection = false\n${settings}\n`;
  return [
    `[[inputs.prom]]\nurls = ${JSON.stringify(urls)}\ninterval = "1s"\n`,
    input(
      "/ok?a",
      `[inputs.prom.auth]\ntype = "bearer_token"\ntoken = "${canary("BearerToken")}"\n`,
    ),
    input(
      "/denied?b",
      `[inputs.prom.auth]\ntype = "bearer_token"\ntoken_file = "${files}/token"\n`,
    ),
    input(
      "/denied?c",
      `[inputs.prom.auth]\ntype = "bearer_token"\ntoken_file = "${files}/two-lines"\n`,
    ),
    input(
      "/denied?d",
      `[inputs.prom.auth]\ntype = "bearer_token"\ntoken = "ENC[file://${files}/enc]"\n`,
    ),
    input("/ok?e", `[inputs.prom.http_headers]\nAuthorization = "Bearer ${canary("Header")}"\n`),
    input(
      "/denied?f",
      `[inputs.prom.http_headers]\nX-Key = "bad\\nvalue ${canary("BadHeader")}"\n`,
    ),
    // Configuration that is wrong in the very place of the secret.
    input("/wrong", `[inputs.prom.auth]\ntype = "bearer_token"\ntoken = ["${canary("List")}"]\n`),
    input("/wrong", `[inputs.prom.http_headers]\nX = ["${canary("HeaderList")}"]\n`),
    input("/wrong", `http_headers = "${canary("HeaderText")}"\n`),
    input("/wrong", `cert_key_base64 = "${canary("Key")}"\ncert_base64 = "${canary("Cert")}"\n`),
    input("/wrong", `url = "${withSecrets("/x", "htp")}"\n`),
    `[[inputs.prom]]\nurls = ["${withSecrets("/x", "htps")}", "${withSecrets("/x y", "http", "bad host")}"]\n`,
    `[[inputs.prom]]\nurls = ["${withSecrets("/metrics", "file")}"]\n`,
    `[[inputs.prom]]\nurls = "${withSecrets("/one")}"\n`,
  ].join("\n");
}

/** Each of these does not parse, in a line that holds a secret. */
const BROKEN: readonly string[] = [
  `[[inputs.prom]]\nurls = ["http://a"]\n[inputs.prom.auth]\ntoken = "${canary("Syntax")}" junk\n`,
  `[[inputs.prom]]\n[inputs.prom.auth]\ntoken = ${canary("NoQuotes")}\n`,
  `[[inputs.prom]]\n[inputs.prom.auth]\ntoken = "${canary("Open")}\n`,
];

function settings(host: string): string {
  const destination = (kind: string, url: string, more: string) =>
    `[[destinations]]\nkind = "${kind}"\nurl = "${url}"\n${more}\n`;
  const influx = `user = "${canary("InfluxUser")}"\npassword = "${canary("InfluxPass")}"\ndb = "d"\n`;
  const proxy = `http_proxy = "http://${canary("ProxyUser")}:${canary("ProxyPass")}@${host}"\n`;
  return [
    '[log]\nlevel = "debug"\n[delivery]\nflush_interval = "500ms"\n',
    destination("influxdb_v1", `http://${host}`, influx),
    destination("influxdb_v1", `http://${host}/denied`, influx),
    destination(
      "influxdb_v2",
      `http://${host}/v2`,
      `token = "${canary("V2")}"\norg = "o"\nbucket = "b"\n`,
    ),
    destination("dataway", `https://${host}?token=${canary("Proxied")}`, proxy),
    destination(
      "dataway",
      `http://${host}?token=${canary("Refused")}`,
      `[destinations.headers]\nX-Key = "${canary("DestinationHeader")}"\n`,
    ),
    destination("dataway", `http://127.0.0.1:1?token=${canary("Down")}`, ""),
  ].join("\n");
}

/** The spellings of canaries in `text`, each with what stands around it. */
function found(where: string, text: string): readonly string[] {
  const whole = text.toLowerCase();
  return SPELLINGS.flatMap((spelling) => {
    const places: string[] = [];
    let at = whole.indexOf(spelling.toLowerCase());
    while (at >= 0) {
      places.push(`${where}: ${text.slice(Math.max(0, at - 60), at + 30)}`);
      at = whole.indexOf(spelling.toLowerCase(), at + 1);
    }
    return places;
  });
}

function filesBelow(directory: string): readonly string[] {
  return existsSync(directory)
    ? readdirSync(directory, { recursive: true, encoding: "utf8" }).map((name) => name)
    : [];
}

async function checkOf(directory: string, env: Readonly<Record<string, string>>): Promise<Child> {
  const child = new Child(join(CHECKOUT, "bin", "promline"), ["check", directory], {
    cwd: directory,
    env,
  });
  await child.exited;
  return child;
}

test("no secret is in anything the agent emits", { timeout: 60_000 }, async () => {
  const files = scratchDirectory("secrets");
  writeFileSync(join(files, "token"), `${canary("TokenFile")}\n`);
  writeFileSync(join(files, "two-lines"), `${canary("LineOne")}\n \u0001${canary("LineTwo")}\n`);
  writeFileSync(join(files, "enc"), canary("Enc"));
  const echo = await EchoServer.start();
  const { host } = echo;
  const token = (name: string) => `tkn_0canary${name}${"0".repeat(24)}`;
  const env = {
    ENV_DATAWAY: `http://${host}?token=${token("Good")},http://u:${canary("DatawayPass")}@${host}?token=${token("Bad")}`,
    ENV_LOG_LEVEL: "debug",
    ENV_HTTP_TOKEN: canary("AdminToken"),
  };
  const broken = BROKEN.map((text, at) => [`broken-${at}.conf`, text] as const);
  const drops = { "a.conf": conf(host, files), ...Object.fromEntries(broken) };
  const agent = await AgentProcess.start({ conf: drops, config: settings(host), env });
  const pages: string[] = [];
  await until("every target and destination to have had its turn", 20_000, () =>
    [
      "/ok",
      "/denied",
      "/moved",
      "/echo",
      "/write",
      "/denied/write",
      "/v2/api/v2/write",
      "/v1/write/metric",
    ].every((path) => (echo.requests.get(path) ?? 0) > 0)
      ? true
      : undefined,
  );
  for (const path of [
    "/metrics",
    "/api/v1/targets",
    "/",
    "/-/ready",
    "/-/healthy",
    `/${canary("asked")}`,
  ]) {
    pages.push(await (await fetch(`${agent.admin}${path}`)).text());
  }
  expect(pages[1]).toContain("/denied");
  const headers = { authorization: `Bearer ${canary("WrongToken")}` };
  pages.push(await (await fetch(`${agent.admin}/api/v1/targets`, { headers })).text());
  const changed = conf(host, files).replaceAll("127.0.0.1:1/", "127.0.0.1:2/");
  agent.writeConf("a.conf", changed);
  await agent.stop();

  const check = await checkOf(agent.confDirectory, env);
  const once = await runOnce({ conf: changed, env });
  const emitted: readonly (readonly [string, string])[] = [
    ["stdout", agent.child.stdout],
    ["stderr", agent.child.stderr],
    ...pages.map((page, index) => [`page ${index}`, page] as const),
    ["check", check.stdout + check.stderr],
    ["once stdout", once.stdout],
    ["once stderr", once.stderr],
    ["file names", filesBelow(agent.directory).join("\n")],
    ["line protocol", echo.bodies.join("\n")],
  ];
  for (const [where, text] of emitted) {
    expect(text.length, where).toBeGreaterThan(where === "stderr" ? -1 : 0);
  }
  // The search itself finds what is there.
  expect(found("conf", readFileSync(join(agent.confDirectory, "a.conf"), "utf8"))).not.toEqual([]);
  expect(emitted.flatMap(([where, text]) => found(where, text))).toEqual([]);
});
