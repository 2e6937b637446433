import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { classifyError, fault } from "../../src/fetch/fetch-fault.ts";
import type { FetchFailure } from "../../src/fetch/fetch-outcome.ts";
import { PageFetcher } from "../../src/fetch/page-fetcher.ts";
import type { PageRequest } from "../../src/fetch/page-request.ts";
import type { ScrapeLimits } from "../../src/scrape-limits.ts";
import { MIB } from "../../src/units.ts";
import { fetchFrom, get, request } from "./fetch-case.ts";
import { CountingSink, RecordingSink } from "./recording-sink.ts";
import { answer, type Script, serve } from "./scripted-server.ts";

const HEAD = "HTTP/1.1 200 OK\r\n";
const PAGE = "up 1\n".repeat(1000);

/** Every way an answer can go wrong, and the one reason it is reported by. */
const ANSWERS: readonly (readonly [string, FetchFailure, Script, Partial<ScrapeLimits>?])[] = [
  ["closed before the answer", "connection_reset", (socket) => socket.end()],
  ["reset before the answer", "connection_reset", (socket) => socket.resetAndDestroy()],
  ["closed within the headers", "connection_reset", (socket) => socket.end(`${HEAD}Conte`)],
  [
    "closed within a measured body",
    "truncated_body",
    (socket) => socket.end(`${HEAD}Content-Length: 9\r\n\r\nup 1\n`),
  ],
  [
    "closed within a measured body, announced",
    "truncated_body",
    (socket) => socket.end(`${HEAD}Connection: close\r\nContent-Length: 9\r\n\r\nup 1\n`),
  ],
  [
    "closed within a chunked body",
    "truncated_body",
    (socket) => socket.end(`${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nup 1\n\r\n`),
  ],
  [
    "closed within a chunked body, announced",
    "truncated_body",
    (socket) =>
      socket.end(`${HEAD}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nup 1\n\r\n`),
  ],
  [
    "chunk size that is none",
    "protocol",
    (socket) => socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\nup 1\n\r\n`),
  ],
  [
    "garbage in place of a status line",
    "protocol",
    (socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
  ],
  ["status line without a number", "protocol", (socket) => socket.write("HTTP/1.1 OK\r\n\r\n")],
  [
    "an interim answer and no other",
    "idle_timeout",
    (socket) => socket.write("HTTP/1.1 100 Continue\r\n\r\n"),
    { idleTimeoutMs: 100 },
  ],
  [
    "interim answers without end",
    "header_limit",
    (socket) => forever(socket, "HTTP/1.1 100 Continue\r\n\r\n", ""),
  ],
  [
    "an unasked upgrade",
    "protocol",
    (socket) =>
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
      ),
  ],
  [
    "two lengths",
    "protocol",
    (socket) => socket.write(`${HEAD}Content-Length: 5\r\nContent-Length: 6\r\n\r\nup 1\n`),
  ],
  [
    "trailers without end",
    "header_limit",
    (socket) => forever(socket, "X-A: b\r\n", `${HEAD}Transfer-Encoding: chunked\r\n\r\n0\r\n`),
  ],
  [
    "more header bytes than allowed",
    "header_limit",
    (socket) => socket.write(`${HEAD}X-Long: ${"x".repeat(20_000)}\r\n\r\n`),
  ],
  ["header lines without end", "header_limit", (socket) => forever(socket, "X-A: b\r\n", HEAD)],
  ["silence before the headers", "idle_timeout", () => undefined, { idleTimeoutMs: 100 }],
  [
    "silence within the headers",
    "idle_timeout",
    (socket) => socket.write(HEAD),
    { idleTimeoutMs: 100 },
  ],
  [
    "silence within the body",
    "idle_timeout",
    (socket) => socket.write(`${HEAD}Content-Length: 99\r\n\r\nup 1\n`),
    { idleTimeoutMs: 100 },
  ],
  [
    "a body that drips",
    "total_timeout",
    (socket) => drip(socket, `${HEAD}Content-Length: 9999\r\n\r\n`),
    { idleTimeoutMs: 1000, totalTimeoutMs: 300 },
  ],
  [
    "a body without end",
    "body_limit",
    (socket) => forever(socket, "x".repeat(8192), `${HEAD}\r\n`),
    { bodyBytes: MIB },
  ],
  [
    "an announced body over the limit",
    "body_limit",
    (socket) => socket.write(`${HEAD}Content-Length: 99999\r\n\r\n`),
    { bodyBytes: 1000 },
  ],
  [
    "a gzip bomb",
    "decompression_ratio",
    (socket) =>
      socket.write(answer(gzipSync(Buffer.alloc(8 * MIB)), { "Content-Encoding": "gzip" })),
    { decompressionRatio: 100 },
  ],
  [
    "a gzip bomb in small chunks",
    "decompression_ratio",
    (socket) => {
      const packed = gzipSync(Buffer.alloc(64 * MIB)).toString("latin1");
      const chunks = packed.match(/[\s\S]{1,100}/g) ?? [];
      const coded = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`);
      const coding = "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n";
      socket.write(`${HEAD}${coding}${coded.join("")}0\r\n\r\n`, "latin1");
    },
    { decompressionRatio: 100 },
  ],
  [
    "a gzip body that ends early",
    "truncated_body",
    (socket) =>
      socket.write(answer(gzipSync(PAGE).subarray(0, -9), { "Content-Encoding": "gzip" })),
  ],
  [
    "a gzip body that is none",
    "content_encoding",
    (socket) => socket.write(answer(PAGE, { "Content-Encoding": "gzip" })),
  ],
  [
    "an unknown content encoding",
    "content_encoding",
    (socket) => socket.write(answer(PAGE, { "Content-Encoding": "compress" })),
  ],
  [
    "a transfer coding that is not chunked",
    "content_encoding",
    (socket) => socket.end(`${HEAD}Transfer-Encoding: gzip\r\n\r\nup 1\n`),
  ],
  ["not found", "http_status", (socket) => socket.write(answer("no", {}, 404))],
  ["a failure with a page", "http_status", (socket) => socket.write(answer(PAGE, {}, 500))],
  ["not modified", "http_status", (socket) => socket.write("HTTP/1.1 304 X\r\n\r\n")],
];

describe("an answer is classified", () => {
  test.for(ANSWERS)("%s: %s", async ([, reason, script, limits]) => {
    const { outcome } = await fetchFrom(script, limits);
    expect(outcome).toMatchObject({ kind: "failed", reason });
    expect(outcome.kind === "failed" && outcome.detail.length).toBeGreaterThan(5);
  });
});

/** No server at all, or none that speaks. */
const ADDRESSES: readonly (readonly [string, FetchFailure, string, Partial<PageRequest>?])[] = [
  ["a name that does not exist", "dns", "http://no-such-host.invalid/metrics"],
  [
    "a unix socket that does not exist",
    "connect_failed",
    "http://x/metrics",
    { udsPath: "/nowhere/x.sock" },
  ],
  ["text that is no URL", "bad_url", "://metrics"],
  ["a URL of another scheme", "bad_url", "ftp://127.0.0.1/metrics"],
];

describe("an address is classified", () => {
  test.for(ADDRESSES)("%s: %s", async ([, reason, url, more]) => {
    const fetcher = new PageFetcher();
    const outcome = await get(fetcher, request(url, more), new RecordingSink());
    await fetcher.close();
    expect(outcome).toMatchObject({ kind: "failed", reason, wireBytes: 0, bodyBytes: 0 });
  });

  test("a port where nobody listens: connect_refused", async () => {
    const server = await serve(() => undefined);
    await server.close();
    const fetcher = new PageFetcher();
    const outcome = await get(fetcher, request(server.url), new RecordingSink());
    await fetcher.close();
    expect(outcome).toMatchObject({ kind: "failed", reason: "connect_refused" });
  });

  test.for([
    ["the time to connect", { connectTimeoutMs: 100 }],
    ["the whole time", { connectTimeoutMs: 300, totalTimeoutMs: 100 }],
  ] as const)("a name that nobody answers for within %s: dns", async ([, limits]) => {
    const names = {
      lookup: () => new Promise<never>(() => undefined),
      worked: () => undefined,
      failed: () => undefined,
    };
    const fetcher = new PageFetcher({ names });
    const asked = request("http://silent.test/metrics");
    const outcome = await get(fetcher, asked, new RecordingSink(), limits);
    await fetcher.close();
    expect(outcome).toMatchObject({ kind: "failed", reason: "dns" });
  });

  test("a handshake that never ends: connect_timeout", async () => {
    const server = await serve(() => undefined);
    const fetcher = new PageFetcher();
    const asked = request(server.url.replace("http:", "https:"));
    const outcome = await get(fetcher, asked, new RecordingSink(), { connectTimeoutMs: 100 });
    await fetcher.close();
    await server.close();
    expect(outcome).toMatchObject({ kind: "failed", reason: "connect_timeout" });
  });

  test("a server without TLS asked for https: tls", async () => {
    const server = await serve(() => undefined, { greeting: "HTTP/1.1 400 Bad\r\n\r\n" });
    const fetcher = new PageFetcher();
    const asked = request(server.url.replace("http:", "https:"));
    const outcome = await get(fetcher, asked, new RecordingSink());
    await fetcher.close();
    await server.close();
    expect(outcome).toMatchObject({ kind: "failed", reason: "tls" });
  });
});

test("an endless page costs no memory and ends at its limit", async () => {
  const server = await serve((socket) => forever(socket, "x".repeat(65536), `${HEAD}\r\n`));
  const fetcher = new PageFetcher();
  const sink = new CountingSink();
  const outcome = await get(fetcher, request(server.url), sink, { bodyBytes: 32 * MIB });
  await fetcher.close();
  await server.close();
  expect(outcome).toMatchObject({ kind: "failed", reason: "body_limit" });
  expect(sink.bytes).toBeLessThanOrEqual(32 * MIB);
  expect(sink.bytes).toBeGreaterThan(31 * MIB);
});

test("all addresses of a name are in the words of an AggregateError", () => {
  const parts = [
    new Error("connect ECONNREFUSED ::1:9"),
    new Error("connect ECONNREFUSED 127.0.0.1:9"),
  ];
  const error = Object.assign(new AggregateError(parts, ""), { code: "ECONNREFUSED" });
  expect(classifyError(error, "connecting")).toEqual(
    fault("connect_refused", "connect ECONNREFUSED ::1:9, connect ECONNREFUSED 127.0.0.1:9"),
  );
});

test("what is not known is told by how far it came", () => {
  expect(classifyError(new Error("odd"), "connecting").reason).toBe("connect_failed");
  expect(classifyError("odd", "body")).toEqual(fault("protocol", "odd"));
});

test("a detail is one line of at most 300 characters", () => {
  const { detail } = fault("file", `a\r\nb ${"x".repeat(400)}`);
  expect(detail).toHaveLength(300);
  expect(detail.startsWith("a b xxx")).toBe(true);
});

function forever(
  socket: {
    write(text: string): boolean;
    once(e: "drain", f: () => void): unknown;
    destroyed: boolean;
  },
  piece: string,
  head: string,
): void {
  socket.write(head);
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece)) {
      // Until the peer's window is full.
    }
    if (!socket.destroyed) {
      socket.once("drain", more);
    }
  };
  more();
}

function drip(socket: import("node:net").Socket, head: string): void {
  socket.write(head);
  const timer = setInterval(() => socket.write("x"), 20);
  socket.on("close", () => clearInterval(timer));
}
