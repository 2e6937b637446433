import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { joinPayloads } from "../../../src/delivery/body/body.ts";
import { FileSender } from "../../../src/delivery/send/file-sender.ts";
import { fileVerdict } from "../../../src/delivery/send/file-verdict.ts";
import type { Category } from "../../../src/payload.ts";
import { numbered, payloadOf } from "../line-payload.ts";

const NEVER = new AbortController().signal;

class Directory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<Directory> {
    return new Directory(await mkdtemp(join(tmpdir(), "promline-file-")));
  }

  async files(): Promise<string[]> {
    return (await readdir(this.path)).sort();
  }

  text(name: string): Promise<string> {
    return readFile(join(this.path, name), "utf8");
  }

  async bytes(): Promise<number> {
    let total = 0;
    for (const name of await this.files()) {
      total += (await stat(join(this.path, name))).size;
    }
    return total;
  }

  sender(maxFileBytes = 1000, maxTotalBytes = 3000): FileSender {
    const directory = this.path;
    return new FileSender({ kind: "file", name: "f", directory, maxFileBytes, maxTotalBytes });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}

function bodyOf(lines: readonly string[], category: Category = "metric") {
  return joinPayloads("dk_x", [payloadOf(lines, category)]);
}

test("categories have a file each, and a restart goes on where it was", async () => {
  await using directory = await Directory.make();
  for (const line of ["a v=1 1", "b v=2 1"]) {
    const sender = directory.sender();
    expect((await sender.send(bodyOf([line]), NEVER)).verdict.kind).toBe("accepted");
    await sender.send(bodyOf([`l${line}`], "logging"), NEVER);
  }
  expect(await directory.text("metrics.lp")).toBe("a v=1 1\nb v=2 1\n");
  expect(await directory.text("logging.lp")).toBe("la v=1 1\nlb v=2 1\n");
});

test("full files are rotated, the oldest deleted, and all stay within the bound", async () => {
  await using directory = await Directory.make();
  const sender = directory.sender();
  for (let count = 0; count < 20; count += 1) {
    await sender.send(bodyOf(numbered(4, 100, count * 4)), NEVER);
    expect(await directory.bytes()).toBeLessThanOrEqual(3000);
  }
  const files = await directory.files();
  expect(files).toEqual(["metrics.8.lp", "metrics.9.lp", "metrics.lp"]);
  const texts = await Promise.all(files.map((name) => directory.text(name)));
  const lines = texts.join("").split("\n").slice(0, -1);
  expect(lines).toEqual(numbered(80, 100).slice(-lines.length));
});

test("a line that a crash cut short is cut off, so that nothing is glued to it", async () => {
  await using directory = await Directory.make();
  await writeFile(join(directory.path, "metrics.lp"), "a v=1 1\nb v=12");
  await directory.sender().send(bodyOf(["c v=3 1"]), NEVER);
  expect(await directory.text("metrics.lp")).toBe("a v=1 1\nc v=3 1\n");
});

test("files that somebody deletes, with their directory, begin anew", async () => {
  await using directory = await Directory.make();
  const sender = directory.sender();
  await sender.send(bodyOf(["a v=1 1"]), NEVER);
  await rm(directory.path, { recursive: true });
  await sender.send(bodyOf(["b v=1 1"]), NEVER);
  expect(await directory.text("metrics.lp")).toBe("b v=1 1\n");
});

test("a directory that cannot be written is tried again later", async () => {
  await using directory = await Directory.make();
  const blocked = join(directory.path, "file");
  await writeFile(blocked, "");
  const outcome = await new Directory(blocked).sender().send(bodyOf(["a v=1 1"]), NEVER);
  expect(outcome.verdict).toEqual({ kind: "retry", reason: "file", pace: "normal" });
  expect(outcome.detail).not.toBe("");
});

test("a full device and missing rights have a reason of their own", () => {
  expect(fileVerdict("ENOSPC")).toMatchObject({ kind: "retry", reason: "disk_full" });
  expect(fileVerdict("EACCES")).toMatchObject({ kind: "retry", reason: "permission" });
  expect(fileVerdict("EROFS")).toMatchObject({ kind: "retry", reason: "permission" });
});
