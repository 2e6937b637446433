import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readPageFile } from "../../src/fetch/page-file.ts";
import type { ScrapeLimits } from "../../src/scrape-limits.ts";
import { run } from "./command.ts";
import { LIMITS } from "./fetch-case.ts";
import { RecordingSink } from "./recording-sink.ts";

const dir = mkdtempSync(join(tmpdir(), "promline-file-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const at = (name: string): string => join(dir, name);

function read(
  path: string,
  sink = new RecordingSink(),
  limits: Partial<ScrapeLimits> = {},
  signal = new AbortController().signal,
) {
  return readPageFile(path, { ...LIMITS, ...limits }, sink, signal);
}

const LARGE = Array.from({ length: 40_000 }, (_, i) => `metric_${i} ${i}\n`).join("");
writeFileSync(at("page"), LARGE);
writeFileSync(at("empty"), "");

test("a file is a page without content type", async () => {
  const sink = new RecordingSink();
  expect(await read(at("page"), sink)).toEqual({
    kind: "ok",
    status: 0,
    wireBytes: LARGE.length,
    bodyBytes: LARGE.length,
  });
  expect(sink.text).toBe(LARGE);
  expect(sink).toMatchObject({ starts: 1, contentType: undefined });
});

test("an empty file is an empty page", async () => {
  expect(await read(at("empty"))).toMatchObject({ kind: "ok", bodyBytes: 0 });
});

test("a symbolic link to a file is followed", async () => {
  symlinkSync(at("page"), at("link"));
  expect(await read(at("link"))).toMatchObject({ kind: "ok" });
});

test.for([
  ["is missing", () => at("missing")],
  ["is a directory", () => dir],
  ["is a device", () => "/dev/zero"],
  [
    "is a FIFO nobody writes to",
    () => {
      run("mkfifo", [at("fifo")]);
      return at("fifo");
    },
  ],
] as readonly (readonly [string, () => string])[])(
  "a path that %s is a file fault",
  async ([, make]) => {
    const sink = new RecordingSink();
    const path = make();
    expect(await read(path, sink)).toMatchObject({
      kind: "failed",
      reason: "file",
      detail: expect.stringContaining(path),
    });
    expect(sink.starts).toBe(0);
  },
);

test("a slow sink gets all of it in order", async () => {
  const sink = new RecordingSink();
  sink.gate = () => new Promise((resolve) => setImmediate(resolve));
  expect(await read(at("page"), sink)).toMatchObject({ kind: "ok" });
  expect(sink.text).toBe(LARGE);
});

test("a sink that is never ready ends at the total time", async () => {
  const sink = new RecordingSink();
  sink.gate = () => new Promise(() => undefined);
  expect(await read(at("page"), sink, { totalTimeoutMs: 50 })).toMatchObject({
    kind: "failed",
    reason: "total_timeout",
  });
  expect(sink.chunks).toHaveLength(1);
});

test("the body limit and the sink's stop hold for files", async () => {
  expect(await read(at("page"), new RecordingSink(), { bodyBytes: 1000 })).toMatchObject({
    reason: "body_limit",
    bodyBytes: 0,
  });
  const sink = new RecordingSink();
  sink.chunkStop = "sample_limit";
  expect(await read(at("page"), sink)).toMatchObject({ reason: "sample_limit" });
});

test("an abort before it starts reads nothing", async () => {
  const sink = new RecordingSink();
  expect(await read(at("page"), sink, {}, AbortSignal.abort())).toMatchObject({
    reason: "aborted",
  });
  expect(sink.chunks).toEqual([]);
});

test("what the sink throws comes out", async () => {
  const sink = new RecordingSink();
  sink.gate = () => {
    throw new Error("broken sink");
  };
  await expect(read(at("page"), sink)).rejects.toThrow("broken sink");
});
