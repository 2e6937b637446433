import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConfFingerprint } from "../../src/discovery/conf-fingerprint.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "promline-conf-"));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** Whether `change` changes the fingerprint, by an instance that saw the state before and by a new one. */
async function changes(change: () => void): Promise<boolean> {
  const watched = new ConfFingerprint(root);
  const before = await watched.current();
  change();
  const after = await watched.current();
  expect(await new ConfFingerprint(root).current()).toBe(after);
  return after !== before;
}

test.each([
  ["new text", () => write("a.conf", "two"), true],
  ["new text of the same length", () => write("a.conf", "eno"), true],
  ["the same text written again", () => write("a.conf", "one"), false],
  ["a touched file", () => utimesSync(join(root, "a.conf"), 1, 1), false],
  ["a file below", () => write("deep/er/b.toml", "x"), true],
  ["a file that is no conf", () => write("notes.txt", "x"), false],
  ["a file in .git", () => write(".git/x.conf", "x"), false],
  ["a removed file", () => rmSync(join(root, "a.conf")), true],
  ["a renamed file", () => renameSync(join(root, "a.conf"), join(root, "b.conf")), true],
])("%s: changed %s", async (_name, change, expected) => {
  write("a.conf", "one");
  expect(await changes(change)).toBe(expected);
});

test("a ConfigMap that swaps its ..data link, times and sizes being equal", async () => {
  for (const [generation, text] of [
    ["..1", "one"],
    ["..2", "two"],
  ] as const) {
    write(`${generation}/a.conf`, text);
    utimesSync(join(root, generation, "a.conf"), 1, 1);
  }
  symlinkSync("..1", join(root, "..data"));
  symlinkSync("..data/a.conf", join(root, "a.conf"));
  const swapped = await changes(() => {
    symlinkSync("..2", join(root, "..data_tmp"));
    renameSync(join(root, "..data_tmp"), join(root, "..data"));
  });
  expect(swapped).toBe(true);
});

test("a ConfigMap that is written again with the same content is no change", async () => {
  write("..1/prom/a.conf", "one");
  write("..2/prom/a.conf", "one");
  symlinkSync("..1", join(root, "..data"));
  symlinkSync("..data/prom", join(root, "prom"));
  const swapped = await changes(() => {
    symlinkSync("..2", join(root, "..data_tmp"));
    renameSync(join(root, "..data_tmp"), join(root, "..data"));
    rmSync(join(root, "..1"), { recursive: true });
  });
  expect(swapped).toBe(false);
});

test("links in a circle and dangling links are no trouble", async () => {
  // Three of them: followed, they would be 3^16 directories.
  for (const name of ["one", "two", "three"]) {
    symlinkSync(root, join(root, name));
  }
  symlinkSync("nowhere", join(root, "dangling.conf"));
  expect(await changes(() => write("nowhere", "x"))).toBe(true);
});

test("a directory that is not there rejects", async () => {
  await expect(new ConfFingerprint(join(root, "absent")).current()).rejects.toThrow("ENOENT");
});
