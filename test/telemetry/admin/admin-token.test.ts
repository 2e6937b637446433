import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AdminToken } from "../../../src/telemetry/admin/admin-token.ts";
import { ManualClock } from "../../manual-clock.ts";
import { scratchDirectory } from "../../support/scratch-directory.ts";

function tokenIn(path: string) {
  const clock = new ManualClock();
  const troubles: string[] = [];
  const source = { kind: "file", path } as const;
  return { clock, troubles, token: new AdminToken(source, clock, (e) => troubles.push(String(e))) };
}

test("a file is read again when it may have changed, with or without a line end", async () => {
  const path = join(scratchDirectory("token"), "token");
  writeFileSync(path, "first\n");
  const { clock, token, troubles } = tokenIn(path);
  expect([await token.is("first"), await token.is("second")]).toEqual([true, false]);
  writeFileSync(path, "second");
  expect(await token.is("second")).toBe(false);
  clock.advance(1000);
  expect([await token.is("first"), await token.is("second")]).toEqual([false, true]);
  expect(troubles).toEqual([]);
});

test("a file that is missing or empty opens nothing, and is told of before anybody asks", async () => {
  const path = join(scratchDirectory("token"), "token");
  const { clock, token, troubles } = tokenIn(path);
  await token.check();
  expect(troubles).toEqual([`Error: http_token_file ${path} cannot be read (ENOENT)`]);
  expect(await token.is("")).toBe(false);
  writeFileSync(path, " \n");
  clock.advance(1000);
  expect(await token.is("")).toBe(false);
  expect(troubles[1]).toContain("is empty");
  writeFileSync(path, "late");
  clock.advance(1000);
  expect(await token.is("late")).toBe(true);
  rmSync(path);
  clock.advance(1000);
  expect(await token.is("late")).toBe(false);
});

test("texts of any length are compared", async () => {
  const token = new AdminToken({ kind: "token", token: "t" }, new ManualClock(), () => {});
  expect([await token.is("t"), await token.is("tt"), await token.is("")]).toEqual([
    true,
    false,
    false,
  ]);
});
