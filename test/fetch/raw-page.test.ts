import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fetchRawPage } from "../../src/fetch/raw-page.ts";
import { LIMITS, request } from "./fetch-case.ts";
import { answer, type Script } from "./scripted-server.ts";
import { fetcherOf, listening } from "./test-net.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "promline-raw-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function write(script: Script, output = join(dir, "out"), maxFileBytes = 100_000) {
  const server = await listening(script);
  const page = { kind: "raw" as const, request: request(server.url), output, maxFileBytes };
  return fetchRawPage(fetcherOf(), page, LIMITS, new AbortController().signal);
}

const body = "any bytes \0\xff\n".repeat(5000);

test("the body becomes the file, unpacked, and nothing else is left", async () => {
  writeFileSync(join(dir, "out"), "the round before");
  const outcome = await write((socket) =>
    socket.write(answer(gzipSync(body), { "Content-Encoding": "gzip" })),
  );
  expect(outcome).toMatchObject({ kind: "ok", status: 200, bodyBytes: Buffer.byteLength(body) });
  expect(readFileSync(join(dir, "out"), "utf8")).toBe(body);
  expect(readdirSync(dir)).toEqual(["out"]);
});

test("a page in many chunks is written in order", async () => {
  const lines = Array.from({ length: 9000 }, (_, i) => `line ${i}\n`);
  const outcome = await write((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    for (const line of lines) {
      socket.write(line);
    }
    socket.end();
  });
  expect(outcome.kind).toBe("ok");
  expect(readFileSync(join(dir, "out"), "utf8")).toBe(lines.join(""));
});

test.for([
  ["is too large", answer(body), 1000, "body_limit"],
  ["failed", answer("no", {}, 500), 1000, "http_status"],
  [
    "ended early",
    Buffer.from("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\nx"),
    1000,
    "truncated_body",
  ],
  ["may not be written at all", answer("x"), 0, "body_limit"],
] as const)("a page that %s leaves the last one", async ([, bytes, maxFileBytes, reason]) => {
  writeFileSync(join(dir, "out"), "the round before");
  const outcome = await write((socket) => socket.end(bytes), join(dir, "out"), maxFileBytes);
  expect(outcome).toMatchObject({ kind: "failed", reason });
  expect(readFileSync(join(dir, "out"), "utf8")).toBe("the round before");
  expect(readdirSync(dir)).toEqual(["out"]);
});

test("a directory that does not exist is a file fault", async () => {
  const outcome = await write((socket) => socket.write(answer("x")), join(dir, "no", "out"));
  expect(outcome).toMatchObject({
    kind: "failed",
    reason: "file",
    detail: expect.stringContaining("no/out"),
  });
});

test("a directory or a device is not replaced", async () => {
  const outcome = await write((socket) => socket.write(answer("x")), "/dev/null");
  expect(outcome).toMatchObject({ kind: "failed", reason: "file" });
  expect(await write((socket) => socket.write(answer("x")), dir)).toMatchObject({ reason: "file" });
});

test("a symbolic link is replaced, not followed", async () => {
  writeFileSync(join(dir, "elsewhere"), "precious");
  symlinkSync(join(dir, "elsewhere"), join(dir, "out"));
  expect(await write((socket) => socket.write(answer("new")))).toMatchObject({ kind: "ok" });
  expect(readFileSync(join(dir, "elsewhere"), "utf8")).toBe("precious");
  expect(readFileSync(join(dir, "out"), "utf8")).toBe("new");
});
