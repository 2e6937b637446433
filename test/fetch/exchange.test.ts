import type net from "node:net";
import { describe, expect, test } from "vitest";
import { fetchFrom, get, request } from "./fetch-case.ts";
import { RecordingSink } from "./recording-sink.ts";
import { answer, headerOf, type ScriptedServer } from "./scripted-server.ts";
import { fetcherOf, listening, PAGE, page } from "./test-net.ts";

describe("a redirect", () => {
  const to = (location: string, status = 302) => answer("moved", { Location: location }, status);

  test.for([301, 302, 303, 307, 308])(
    "%i within the origin is followed on the same connection",
    async (status) => {
      const server = await listening((socket, _head, index) =>
        socket.write(index === 0 ? to("/real?x=1", status) : answer(PAGE)),
      );
      const sink = new RecordingSink();
      const asked = request(`${server.url}/old`, { bearer: { kind: "token", token: "t" } });
      const outcome = await get(fetcherOf(), asked, sink);
      expect(outcome).toMatchObject({ kind: "ok", status: 200, bodyBytes: PAGE.length });
      expect(sink).toMatchObject({ text: PAGE, starts: 1 });
      expect(server.heads[1]).toMatch(/^GET \/real\?x=1 /);
      expect(headerOf(server.heads[1] ?? "", "authorization")).toBe("Bearer t");
      expect(server.accepted()).toBe(1);
    },
  );

  test("to the origin written out in full is followed", async () => {
    const server: ScriptedServer = await listening((socket, _head, index) =>
      socket.write(index === 0 ? to(`${server.url}/b`) : answer(PAGE)),
    );
    expect(await get(fetcherOf(), request(server.url), new RecordingSink())).toMatchObject({
      kind: "ok",
    });
  });

  test("to a location in UTF-8 is followed", async () => {
    const server = await listening((socket, _head, index) =>
      socket.write(index === 0 ? to("/é b") : answer(PAGE)),
    );
    await get(fetcherOf(), request(server.url), new RecordingSink());
    expect(server.heads[1]).toMatch(/^GET \/%C3%A9%20b /);
  });

  test("to another origin is refused and its credentials never arrive", async () => {
    const thief = await listening(page);
    const server = await listening((socket) => socket.write(to(`${thief.url}/x?token=abc`)));
    const asked = request(server.url, { headers: { Authorization: "Basic c2VjcmV0" } });
    const outcome = await get(fetcherOf(), asked, new RecordingSink());
    expect(outcome).toMatchObject({ kind: "failed", reason: "redirect", status: 302 });
    expect(outcome.kind === "failed" && outcome.detail).toContain(`${thief.url}/x?token=***`);
    expect(thief.accepted()).toBe(0);
  });

  test.for([
    ["to itself", (socket: net.Socket) => socket.write(to("/")), 6],
    ["to another scheme", (socket: net.Socket) => socket.write(to("https://127.0.0.1/")), 1],
    ["without a location", (socket: net.Socket) => socket.write(answer("", {}, 302)), 1],
    ["to no URL", (socket: net.Socket) => socket.write(to("http://[/")), 1],
  ] as const)("%s is refused", async ([, script, requests]) => {
    const { outcome, heads } = await fetchFrom(script);
    expect(outcome).toMatchObject({ kind: "failed", reason: "redirect", status: 302 });
    expect(heads).toHaveLength(requests);
  });
});

describe("a failed status", () => {
  test("keeps the connection when the body is small", async () => {
    const server = await listening((socket) => socket.write(answer("gone", {}, 503)));
    const fetcher = fetcherOf();
    for (let round = 0; round < 3; round++) {
      const outcome = await get(fetcher, request(server.url), new RecordingSink());
      expect(outcome).toEqual({
        kind: "failed",
        reason: "http_status",
        detail: "the target answered 503",
        status: 503,
        wireBytes: 4,
        bodyBytes: 0,
      });
    }
    expect(server.accepted()).toBe(1);
  });

  test("cuts an announced large body at once", async () => {
    const server = await listening((socket) =>
      socket.write("HTTP/1.1 500 X\r\nContent-Length: 999999999\r\n\r\n"),
    );
    const outcome = await get(fetcherOf(), request(server.url), new RecordingSink());
    expect(outcome).toMatchObject({ reason: "http_status", status: 500, wireBytes: 0 });
    await expect.poll(server.open).toBe(0);
  });

  test("does not wait for a body that hangs, and says the status", async () => {
    const server = await listening((socket) =>
      socket.write("HTTP/1.1 500 X\r\nContent-Length: 10\r\n\r\n"),
    );
    const outcome = await get(fetcherOf(), request(server.url), new RecordingSink(), {
      totalTimeoutMs: 150,
    });
    expect(outcome).toMatchObject({ reason: "http_status", status: 500 });
  });

  test("cuts a body without length once it is not worth reading", async () => {
    const server = await listening((socket) => {
      socket.write("HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n");
      const timer = setInterval(() => socket.write(`4000\r\n${"x".repeat(0x4000)}\r\n`), 1);
      socket.on("close", () => clearInterval(timer));
    });
    const outcome = await get(fetcherOf(), request(server.url), new RecordingSink());
    expect(outcome).toMatchObject({ reason: "http_status", status: 500 });
    expect(outcome.wireBytes).toBeGreaterThan(65_536);
    expect(outcome.wireBytes).toBeLessThan(500_000);
    await expect.poll(server.open).toBe(0);
  });

  test("reads a body that hangs for a second, not for the whole time", async () => {
    const server = await listening((socket) =>
      socket.write("HTTP/1.1 500 X\r\nContent-Length: 10\r\n\r\n"),
    );
    const limits = { totalTimeoutMs: 15_000, idleTimeoutMs: 15_000 };
    const started = performance.now();
    const outcome = await get(fetcherOf(), request(server.url), new RecordingSink(), limits);
    expect(outcome).toMatchObject({ reason: "http_status", status: 500 });
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
