import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ConfDir, loadConfDir } from "../../../src/config/input/conf-dir.ts";

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "promline-conf-d-"));
});
afterEach(() => rm(dir, { recursive: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(dir, path)), { recursive: true });
  await writeFile(join(dir, path), text);
}

function prom(source: string): string {
  return `[[inputs.prom]]\n  url = "http://h"\n  source = "${source}"\n`;
}

function load(environment = {}): Promise<ConfDir> {
  return loadConfDir(dir, environment);
}

function names(loaded: ConfDir): string[] {
  return loaded.files.map((file) => relative(dir, file));
}

function sources(loaded: ConfDir): string[] {
  return loaded.inputs.map(({ input }) => input.source);
}

test("finds drop-ins at any depth, in the order of their names", async () => {
  await write("b.toml", prom("b"));
  await write("a/z.conf", prom("az"));
  await write("c.conf", prom("c"));
  await write("a/deep/er/x.conf", prom("x"));
  await write("readme.md", "not TOML");
  await write("a.conf.sample", "not TOML");
  await write(".git/x.conf", prom("git"));
  const loaded = await load();
  expect(names(loaded)).toEqual(["a/deep/er/x.conf", "a/z.conf", "b.toml", "c.conf"]);
  expect(sources(loaded)).toEqual(["x", "az", "b", "c"]);
  expect(loaded.issues).toEqual([]);
});

test("reads each file of a mounted ConfigMap once, by its plain name", async () => {
  await write("..2024_01_01/x.conf", prom("x"));
  await write("..2024_01_01/y.conf", prom("y"));
  await symlink("..2024_01_01", join(dir, "..data"));
  await symlink("..data/x.conf", join(dir, "x.conf"));
  await symlink("..data/y.conf", join(dir, "y.conf"));
  const loaded = await load();
  expect(names(loaded)).toEqual(["x.conf", "y.conf"]);
  expect(sources(loaded)).toEqual(["x", "y"]);
});

test("reads a ConfigMap whose keys are mounted at paths of their own", async () => {
  await write("..2026_11_28/prom/x.conf", prom("x"));
  await write("..2026_11_28/db/x.conf", prom("other"));
  await symlink("..2026_11_28", join(dir, "..data"));
  await symlink("..data/prom", join(dir, "prom"));
  await symlink("..data/db", join(dir, "db"));
  const loaded = await load();
  expect(names(loaded)).toEqual(["db/x.conf", "prom/x.conf"]);
  expect(sources(loaded)).toEqual(["other", "x"]);
});

test("takes the same content once", async () => {
  await write("a.conf", prom("a"));
  await write("copy.conf", prom("a"));
  await symlink(join(dir, "a.conf"), join(dir, "link.conf"));
  expect(names(await load())).toEqual(["a.conf"]);
});

test("follows links to directories and comes to an end on cycles", async () => {
  await write("a/x.conf", prom("x"));
  await symlink(dir, join(dir, "a/up"));
  await symlink("a", join(dir, "b"));
  await symlink("loop", join(dir, "loop"));
  expect(names(await load())).toEqual(["a/x.conf"]);
});

test("goes on past what cannot be read", async () => {
  await write("a.conf", prom("a"));
  await symlink("nowhere", join(dir, "dangling.conf"));
  await write("broken.conf", "= 1");
  await write("large.conf", " ".repeat(16 * 1_048_576 + 1));
  await write("z.conf", prom("z"));
  const loaded = await load();
  expect(sources(loaded)).toEqual(["a", "z"]);
  expect(loaded.issues.map((issue) => [relative(dir, issue.file), issue.message])).toEqual([
    ["dangling.conf", "cannot be read (ENOENT)"],
    ["broken.conf", 'not TOML: unexpected character "="'],
    ["large.conf", "has 16777217 bytes, more than 16777216"],
  ]);
});

test("says which file cannot be read, and loads the rest", async () => {
  await symlink("nowhere", join(dir, "a.conf"));
  await write("b.conf", prom("b"));
  const loaded = await load();
  expect(loaded.issues[0]).toMatchObject({
    file: join(dir, "a.conf"),
    message: "cannot be read (ENOENT)",
  });
  expect(sources(loaded)).toEqual(["b"]);
});

test("a directory that is not there is an issue", async () => {
  const loaded = await loadConfDir(join(dir, "none"), {});
  expect(loaded.issues).toMatchObject([{ severity: "error", key: "" }]);
});

test("one file may be named in place of a directory", async () => {
  await write("a.sample", prom("a"));
  expect(sources(await loadConfDir(join(dir, "a.sample"), {}))).toEqual(["a"]);
});

test("ENV_DATAKIT_INPUTS is a file more", async () => {
  await write("a.conf", prom("a"));
  const loaded = await load({ ENV_DATAKIT_INPUTS: prom("inline") });
  expect(sources(loaded)).toEqual(["a", "inline"]);
  expect(loaded.inputs[1]?.file).toBe("ENV_DATAKIT_INPUTS");
  expect(loaded.inputs[1]?.position).toEqual({ line: 1, column: 1 });
});

test("ENV_DISABLE_PROTECT_MODE frees the interval", async () => {
  await write("a.conf", `${prom("a")}  interval = "100ms"`);
  const held = await load({ ENV_DISABLE_PROTECT_MODE: "false" });
  const free = await load({ ENV_DISABLE_PROTECT_MODE: "true" });
  expect(held.inputs[0]?.input.intervalMs).toBe(1000);
  expect(free.inputs[0]?.input.intervalMs).toBe(100);
});
