import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readBearerToken } from "../../src/fetch/bearer-token.ts";
import { run } from "./command.ts";

const dir = mkdtempSync(join(tmpdir(), "promline-token-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const fileWith = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};

test("a token is taken as it is, without its line ends", async () => {
  expect(await readBearerToken({ kind: "token", token: "abc\n" })).toBe("abc");
});

test("a token file loses all its line ends", async () => {
  const path = fileWith("token", "ab\r\nc\n\n");
  expect(await readBearerToken({ kind: "file", path })).toBe("abc");
});

test.for([
  ["is missing", () => join(dir, "missing")],
  ["is empty", () => fileWith("empty", "\n")],
  ["is larger than a token", () => fileWith("large", "x".repeat(2 ** 20 + 1))],
  ["holds bytes no header may have", () => fileWith("bytes", "a\0secret")],
  [
    "is a directory",
    () => {
      mkdirSync(join(dir, "sub"));
      return join(dir, "sub");
    },
  ],
  [
    "is a FIFO nobody writes to",
    () => {
      run("mkfifo", [join(dir, "fifo")]);
      return join(dir, "fifo");
    },
  ],
] as const)("a token file that %s is a credentials fault with its path", async ([, make]) => {
  const path = make();
  const trouble = await readBearerToken({ kind: "file", path });
  expect(trouble).toMatchObject({
    kind: "fault",
    reason: "credentials",
    detail: expect.stringContaining(path),
  });
  expect(trouble).not.toMatchObject({ detail: expect.stringContaining("secret") });
});

test("an empty token is a credentials fault", async () => {
  expect(await readBearerToken({ kind: "token", token: "" })).toMatchObject({
    reason: "credentials",
  });
});
