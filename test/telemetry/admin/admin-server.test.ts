import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { gunzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import type { AdminSource } from "../../../src/telemetry/admin/admin-pages.ts";
import { AdminServer } from "../../../src/telemetry/admin/admin-server.ts";
import type { AdminTokenSource } from "../../../src/telemetry/admin/admin-token.ts";
import { ManualClock } from "../../manual-clock.ts";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function serving(
  source: Partial<AdminSource> = {},
  listen = "127.0.0.1:0",
  token?: AdminTokenSource,
) {
  const clock = new ManualClock();
  const troubles: unknown[] = [];
  const server = new AdminServer({
    listen,
    clock,
    ...(token && { token }),
    trouble: (error) => troubles.push(error),
    source: {
      relabel: (query) => ({ status: 400, content: Object.fromEntries(query) }),
      metrics: async () => "a 1\n",
      targets: () => ({
        status: "success",
        data: { activeTargets: [], droppedTargets: [], droppedTargetCounts: {} },
      }),
      notReady: () => undefined,
      ...source,
    },
  });
  const abort = new AbortController();
  const started = await server.start(abort.signal);
  stops.push(() => server.stop());
  const port = started.kind === "listening" ? started.port : 0;
  return { server, started, port, abort, clock, troubles };
}

async function ask(port: number, path: string, options: object = {}) {
  const sent = request({ host: "127.0.0.1", port, path, agent: false, ...options });
  sent.end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  const body = Buffer.concat(await answer.toArray());
  return { status: answer.statusCode, headers: answer.headers, body };
}

test("a page has its type, its length, and is not compressed unless asked", async () => {
  const { port } = await serving();
  const { status, headers, body } = await ask(port, "/metrics?x=1");
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    "content-type": "text/plain; version=0.0.4; charset=utf-8",
    "content-length": "4",
  });
  expect(headers["content-encoding"]).toBeUndefined();
  expect(body.toString()).toBe("a 1\n");
});

test.each([
  ["gzip", true],
  ["deflate, GZIP;q=0.5", true],
  ["gzip;q=0", false],
  ["gzip; q=0.0", false],
  ["*", false],
  ["identity", false],
  ["x-gzip-like", false],
])("Accept-Encoding %s: gzip %s", async (accepted, zipped) => {
  const text = "a 1\n".repeat(300);
  const { port } = await serving({ metrics: async () => text });
  const { headers, body } = await ask(port, "/metrics", {
    headers: { "accept-encoding": accepted },
  });
  expect(headers["content-encoding"]).toBe(zipped ? "gzip" : undefined);
  expect(headers["content-length"]).toBe(String(body.length));
  expect((zipped ? gunzipSync(body) : body).toString()).toBe(text);
});

test("health waits for no compression, which others may keep busy", async () => {
  const { port } = await serving();
  const { headers } = await ask(port, "/-/healthy", { headers: { "accept-encoding": "gzip" } });
  expect(headers["content-encoding"]).toBeUndefined();
});

test("HEAD is GET without the body", async () => {
  const { port } = await serving();
  const { status, headers, body } = await ask(port, "/metrics", { method: "HEAD" });
  expect([status, headers["content-length"], body.length]).toEqual([200, "4", 0]);
});

test.each([["POST"], ["PUT"], ["DELETE"], ["OPTIONS"]])("%s is not allowed", async (method) => {
  const { port } = await serving();
  const { status, headers } = await ask(port, "/metrics", { method });
  expect([status, headers.allow]).toEqual([405, "GET, HEAD"]);
});

test("an unknown path is 404", async () => {
  const { port } = await serving();
  expect((await ask(port, "/admin")).status).toBe(404);
});

test("a page that cannot be made is 500 without particulars, and is told", async () => {
  const { port, troubles } = await serving({ metrics: () => Promise.reject(new Error("canary")) });
  const { status, body } = await ask(port, "/metrics");
  expect(status).toBe(500);
  expect(body.toString()).not.toContain("canary");
  expect(troubles.map(String)).toEqual(["Error: canary"]);
});

test("headers without end are refused", async () => {
  const { port } = await serving();
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(`GET / HTTP/1.1\r\nHost: h\r\nX: ${"x".repeat(20_000)}`);
  const [answer] = (await once(socket, "data")) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 431 /);
  socket.destroy();
});

test("a taken port and a bad address are values with what to do", async () => {
  const { port } = await serving();
  const taken = await serving({}, `127.0.0.1:${port}`);
  expect(taken.started).toMatchObject({ kind: "failed", reason: "port_taken" });
  expect(JSON.stringify(taken.started)).toContain(`127.0.0.1:${port} is in use`);
  const bad = await serving({}, "9529");
  expect(bad.started).toMatchObject({ kind: "failed", reason: "bad_address" });
  const foreign = await serving({}, "203.0.113.1:0");
  expect(foreign.started).toMatchObject({ kind: "failed", reason: "listen_failed" });
});

test("localhost and the IPv6 loopback", async () => {
  expect((await serving({}, "localhost:0")).started).toMatchObject({ host: "127.0.0.1" });
  const six = (await serving({}, "[::1]:0")).started;
  // A machine without IPv6 says so.
  expect(six.kind === "listening" ? six.host : six.reason).toMatch(/^(::1|listen_failed)$/);
});

test.each([["signal"], ["stop"]])("%s closes idle keep-alive connections", async (how) => {
  const { port, server, abort } = await serving();
  const agent = new Agent({ keepAlive: true });
  await ask(port, "/metrics", { agent });
  const [socket] = Object.values(agent.freeSockets).flat();
  const closed = once(socket!, "close");
  if (how === "signal") {
    abort.abort();
  }
  await Promise.all([server.stop(), closed]);
  await expect(ask(port, "/metrics")).rejects.toThrow("ECONNREFUSED");
});

test("an answer under way gets a second, no more", async () => {
  const { port, server, clock } = await serving({ metrics: () => new Promise(() => {}) });
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  const closed = once(socket, "close");
  socket.write(
    "GET /-/healthy HTTP/1.1\r\nHost: h\r\n\r\nGET /metrics HTTP/1.1\r\nHost: h\r\n\r\n",
  );
  await once(socket, "data");
  const stopped = server.stop();
  await clock.asleep();
  clock.advance(1000);
  await Promise.all([stopped, closed]);
});

test("a start that is already aborted ends closed", async () => {
  const server = new AdminServer({
    listen: "127.0.0.1:0",
    clock: new ManualClock(),
    trouble: () => {},
    source: {
      metrics: async () => "",
      targets: () => {
        throw new Error("no");
      },
      relabel: () => ({ status: 200, content: {} }),
      notReady: () => undefined,
    },
  });
  const started = await server.start(AbortSignal.abort());
  expect(started.kind).toBe("listening");
  await expect(ask(started.kind === "listening" ? started.port : 0, "/")).rejects.toThrow(
    "ECONNREFUSED",
  );
});

test("/api/v1/relabel gets the query", async () => {
  const { port } = await serving();
  const asked = await ask(port, "/api/v1/relabel?series=up%7Ba%3D%22%3F%22%7D&source=b");
  expect([asked.status, JSON.parse(asked.body.toString())]).toEqual([
    400,
    { series: 'up{a="?"}', source: "b" },
  ]);
});

test("under a foreign name metrics and health are there, the rest needs the token", async () => {
  const { port } = await serving({}, "127.0.0.1:0", { kind: "token", token: "t0ken" });
  const host = { host: "evil.example.com" };
  const statusOf = async (path: string, headers: object = host) =>
    (await ask(port, path, { headers })).status;
  expect(await Promise.all(["/metrics", "/-/healthy", "/-/ready"].map((p) => statusOf(p)))).toEqual(
    [200, 200, 200],
  );
  for (const path of ["/", "/api/v1/targets"]) {
    expect(await statusOf(path, {})).toBe(200);
    expect(await statusOf(path)).toBe(403);
    expect(await statusOf(path, { ...host, authorization: "Bearer t0ken" })).toBe(200);
    expect(await statusOf(path, { ...host, authorization: "Bearer other" })).toBe(401);
  }
});

test("a refusal asks for a bearer token, and no answer lets other origins read it", async () => {
  const { port } = await serving({}, "127.0.0.1:0", { kind: "token", token: "t0ken" });
  const { headers } = await ask(port, "/", {
    headers: { authorization: "Bearer x", origin: "http://evil.example.com" },
  });
  expect(headers).toMatchObject({
    "www-authenticate": "Bearer",
    "x-content-type-options": "nosniff",
  });
  expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
});

test("an answer that is not read within half a minute ends with its connection", async () => {
  const { port, clock } = await serving({ metrics: () => new Promise(() => {}) });
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  const closed = once(socket, "close");
  socket.write("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
  await clock.asleep();
  clock.advance(30_000);
  await closed;
});
