import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, describe, expect, test, vi } from "vitest";
import type { PageRequest } from "../../src/fetch/page-request.ts";
import { VERSION } from "../../src/version.ts";
import { fetchFrom, get, LIMITS, request } from "./fetch-case.ts";
import { RecordingSink } from "./recording-sink.ts";
import { answer, headerOf } from "./scripted-server.ts";
import { fetcherOf, listening, PAGE, page } from "./test-net.ts";

const dir = mkdtempSync(join(tmpdir(), "promline-fetch-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("a page", () => {
  test("reaches the sink with its content type and is counted", async () => {
    const fetched = await fetchFrom(page);
    expect(fetched.outcome).toEqual({ kind: "ok", status: 200, wireBytes: 21, bodyBytes: 21 });
    expect(fetched).toMatchObject({ text: PAGE, contentType: "text/plain" });
  });

  test.for([
    [
      "chunked",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nup\r\n3\r\n 1\n\r\n0\r\n\r\n",
    ],
    [
      "chunked with trailers",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nup 1\n\r\n0\r\nX: y\r\n\r\n",
    ],
    ["ended by closing", "HTTP/1.1 200 OK\r\n\r\nup 1\n"],
    ["by HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nup 1\n"],
    [
      "after early hints",
      "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nup 1\n",
    ],
  ])("%s is whole", async ([, bytes = ""]) => {
    const { outcome, text, contentType } = await fetchFrom((socket) => socket.end(bytes));
    expect(outcome).toEqual({ kind: "ok", status: 200, wireBytes: 5, bodyBytes: 5 });
    expect(text).toBe("up 1\n");
    expect(contentType).toBeUndefined();
  });

  test("may be empty", async () => {
    const { outcome } = await fetchFrom((socket) => socket.write("HTTP/1.1 204 None\r\n\r\n"));
    expect(outcome).toEqual({ kind: "ok", status: 204, wireBytes: 0, bodyBytes: 0 });
  });

  test("of gzip counts what came and what it became", async () => {
    const packed = gzipSync("up 1\n".repeat(1000));
    const { outcome } = await fetchFrom((socket) =>
      socket.write(answer(packed, { "Content-Encoding": "gzip" })),
    );
    expect(outcome).toEqual({ kind: "ok", status: 200, wireBytes: packed.length, bodyBytes: 5000 });
  });

  test("in two stacked encodings is unpacked", async () => {
    const packed = brotliCompressSync(gzipSync(PAGE));
    const { text } = await fetchFrom((socket) =>
      socket.write(answer(packed, { "Content-Encoding": "gzip, br" })),
    );
    expect(text).toBe(PAGE);
  });

  test("that looks like gzip but is not said to be is left as it is", async () => {
    const packed = gzipSync(PAGE);
    const { outcome } = await fetchFrom((socket) => socket.write(answer(packed)));
    expect(outcome).toMatchObject({ kind: "ok", bodyBytes: packed.length });
  });

  test("arrives whole through a sink that is slow", async () => {
    const body = "x".repeat(1_000_000);
    const server = await listening((socket) =>
      socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${body}`),
    );
    const sink = new RecordingSink();
    sink.gate = () => new Promise((resolve) => setTimeout(resolve, 1));
    const outcome = await get(fetcherOf(), request(server.url), sink);
    expect(outcome).toMatchObject({ kind: "ok", bodyBytes: body.length });
    expect(sink.text).toBe(body);
  });

  test("is not read on while the sink is not ready", async () => {
    let written = 0;
    const server = await listening((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      writeForEver(socket, Buffer.alloc(65536), (bytes) => {
        written += bytes;
      });
    });
    const sink = new RecordingSink();
    sink.gate = () => new Promise(() => undefined);
    const outcome = await get(fetcherOf(), request(server.url), sink, { totalTimeoutMs: 300 });
    expect(outcome).toMatchObject({ kind: "failed", reason: "total_timeout" });
    expect(sink.chunks).toHaveLength(1);
    // The kernel's buffers of both ends, nothing of ours.
    expect(written).toBeLessThan(16_000_000);
  });

  test("of gzip is not read on while the sink is not ready", async () => {
    let written = 0;
    const member = gzipSync(randomBytes(65536));
    const server = await listening((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
      writeForEver(socket, member, (bytes) => {
        written += bytes;
      });
    });
    const sink = new RecordingSink();
    sink.gate = () => new Promise(() => undefined);
    const outcome = await get(fetcherOf(), request(server.url), sink, { totalTimeoutMs: 300 });
    expect(outcome).toMatchObject({ kind: "failed", reason: "total_timeout" });
    expect(sink.chunks).toHaveLength(1);
    // What was taken in waits to be unpacked: a few reads of the socket.
    expect(outcome.wireBytes).toBeLessThan(1_000_000);
    expect(written).toBeLessThan(16_000_000);
  });

  test("of gzip in small chunks arrives whole through a sink that is slow", async () => {
    const body = randomBytes(300_000).toString("hex");
    const chunks =
      gzipSync(body)
        .toString("latin1")
        .match(/[\s\S]{1,1000}/g) ?? [];
    const coded = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("");
    const head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n";
    const server = await listening((socket) => socket.write(`${head}${coded}0\r\n\r\n`, "latin1"));
    const sink = new RecordingSink();
    sink.gate = () => new Promise((resolve) => setTimeout(resolve, 1));
    const fetcher = fetcherOf();
    for (let round = 0; round < 2; round++) {
      sink.chunks = [];
      expect(await get(fetcher, request(server.url), sink)).toMatchObject({ kind: "ok" });
      expect(sink.text === body).toBe(true);
    }
    expect(server.accepted()).toBe(1);
  });

  test("ends where the sink wants no more", async () => {
    const server = await listening(page);
    const sink = new RecordingSink();
    sink.chunkStop = "sample_limit";
    const outcome = await get(fetcherOf(), request(server.url), sink);
    expect(outcome).toMatchObject({ kind: "failed", reason: "sample_limit", status: 200 });
  });

  test("lets through what the sink throws, and the fetcher works on", async () => {
    const server = await listening(page);
    const fetcher = fetcherOf();
    const sink = new RecordingSink();
    sink.gate = () => {
      throw new Error("broken sink");
    };
    await expect(get(fetcher, request(server.url), sink)).rejects.toThrow("broken sink");
    expect(await get(fetcher, request(server.url), new RecordingSink())).toMatchObject({
      kind: "ok",
    });
  });
});

describe("a request", () => {
  test("carries what the specification says", async () => {
    const server = await listening(page);
    await get(fetcherOf(), request(`${server.url}/metrics?a=b#c`), new RecordingSink(), {
      totalTimeoutMs: 7500,
    });
    expect(server.heads[0]?.split("\r\n")).toEqual([
      "GET /metrics?a=b HTTP/1.1",
      `host: 127.0.0.1:${server.port}`,
      "connection: keep-alive",
      `User-Agent: promline/${VERSION}`,
      "Accept: text/plain;version=0.0.4;q=1,*/*;q=0.1",
      "Accept-Encoding: identity",
      "X-Prometheus-Scrape-Timeout-Seconds: 7.5",
    ]);
  });

  test("reads the token file at every scrape", async () => {
    const server = await listening(page);
    const fetcher = fetcherOf();
    const path = join(dir, "token");
    const asked = request(server.url, { bearer: { kind: "file", path } });
    const missing = await get(fetcher, asked, new RecordingSink());
    writeFileSync(path, "one\n");
    await get(fetcher, asked, new RecordingSink());
    writeFileSync(path, "two\r\n");
    await get(fetcher, asked, new RecordingSink());
    expect(missing).toMatchObject({ kind: "failed", reason: "credentials" });
    expect(missing.kind === "failed" && missing.detail).toContain(path);
    const sent = server.heads.map((head) => headerOf(head, "authorization"));
    expect(sent).toEqual(["Bearer one", "Bearer two"]);
  });

  test("with a header that is not allowed is not sent", async () => {
    const { outcome, heads } = await fetchFrom(
      page,
      {},
      { headers: { "X-A": "a\r\nX-B: secret" } },
    );
    expect(outcome).toMatchObject({ kind: "failed", reason: "bad_header" });
    expect(outcome.kind === "failed" && outcome.detail).not.toContain("secret");
    expect(heads).toEqual([]);
  });

  test("ignores the proxies of the environment", async () => {
    vi.stubEnv("http_proxy", "http://127.0.0.1:1");
    vi.stubEnv("HTTP_PROXY", "http://127.0.0.1:1");
    const { outcome } = await fetchFrom(page);
    vi.unstubAllEnvs();
    expect(outcome.kind).toBe("ok");
  });

  test("goes to a unix socket with the URL's host as Host", async () => {
    const path = join(dir, "page.sock");
    const server = await listening(page, { path });
    const sink = new RecordingSink();
    await get(fetcherOf(), request("http://kubelet.test:10255/m", { udsPath: path }), sink);
    expect(sink.text).toBe(PAGE);
    expect(headerOf(server.heads[0] ?? "", "host")).toBe("kubelet.test:10255");
    expect(headerOf(server.heads[0] ?? "", "accept-encoding")).toBe("identity");
  });

  test("goes to an IPv6 address", async (context) => {
    const server = await listening(page, { host: "::1" }).catch(() => context.skip("no IPv6 here"));
    const sink = new RecordingSink();
    await get(fetcherOf(), request(`${server.url}/m`), sink);
    expect(sink.text).toBe(PAGE);
    expect(headerOf(server.heads[0] ?? "", "host")).toBe(`[::1]:${server.port}`);
  });
});

describe("an abort", () => {
  const aborted = async (asked: PageRequest, when: (abort: () => void) => void) => {
    const controller = new AbortController();
    const fetching = fetcherOf().fetch(asked, LIMITS, new RecordingSink(), controller.signal);
    when(() => controller.abort());
    return fetching;
  };

  test("before the fetch sends nothing", async () => {
    const server = await listening(page);
    const outcome = await fetcherOf().fetch(
      request(server.url),
      LIMITS,
      new RecordingSink(),
      AbortSignal.abort(),
    );
    expect(outcome).toMatchObject({ kind: "failed", reason: "aborted" });
    expect(server.heads).toEqual([]);
  });

  test("while the target is silent ends it and closes the socket", async () => {
    let abort = (): void => undefined;
    const server = await listening(() => abort());
    const outcome = await aborted(request(server.url), (call) => {
      abort = call;
    });
    expect(outcome).toMatchObject({ kind: "failed", reason: "aborted" });
    await expect.poll(server.open).toBe(0);
  });

  test("while it connects ends it and closes the socket", async () => {
    const server = await listening(() => undefined);
    const asked = request(server.url.replace("http:", "https:"));
    const outcome = await aborted(asked, (abort) => setTimeout(abort, 50));
    expect(outcome).toMatchObject({ kind: "failed", reason: "aborted" });
    await expect.poll(server.open).toBe(0);
  });
});

/** As fast as the other end takes it. */
function writeForEver(socket: Socket, piece: Buffer, wrote: (bytes: number) => void): void {
  while (!socket.destroyed && socket.write(piece)) {
    wrote(piece.length);
  }
  socket.once("drain", () => writeForEver(socket, piece, wrote));
}
