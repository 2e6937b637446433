import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeRoomInDirectory, RotatingFile } from "../../../src/delivery/send/rotating-file.ts";

async function directoryWith(files: Record<string, string> = {}): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "promline-rotating-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(directory, name), text);
  }
  return directory;
}

async function contentOf(directory: string): Promise<Record<string, string>> {
  const names = (await readdir(directory)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), "utf8")));
  return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? ""]));
}

test("a file that would grow beyond its bound becomes the newest of the full ones", async () => {
  const directory = await directoryWith({ "metrics.7.lp": "old\n" });
  const file = new RotatingFile(directory, "metrics", 10);
  for (const text of ["12345\n", "678\n", "x\n"]) {
    await file.append(Buffer.from(text));
  }
  expect(await contentOf(directory)).toEqual({
    "metrics.7.lp": "old\n",
    "metrics.8.lp": "12345\n678\n",
    "metrics.lp": "x\n",
  });
});

test("a line that a crash cut short is cut off at the start", async () => {
  const directory = await directoryWith({ "metrics.lp": "whole\nhal" });
  await new RotatingFile(directory, "metrics", 100).append(Buffer.from("next\n"));
  expect(await contentOf(directory)).toEqual({ "metrics.lp": "whole\nnext\n" });
});

test("a file that somebody takes away begins anew", async () => {
  const directory = await directoryWith();
  const file = new RotatingFile(directory, "metrics", 100);
  await file.append(Buffer.from("one\n"));
  await rm(join(directory, "metrics.lp"));
  await file.append(Buffer.from("two\n"));
  expect(await contentOf(directory)).toEqual({ "metrics.lp": "two\n" });
});

test("room is made by the oldest full files, and by ours only", async () => {
  const files = {
    "metrics.1.lp": "1111\n",
    "metrics.2.lp": "2222\n",
    "metrics.lp": "now\n",
    "notes.txt": "mine\n",
  };
  const directory = await directoryWith(files);
  await makeRoomInDirectory(directory, 12, 3);
  expect(Object.keys(await contentOf(directory))).toEqual([
    "metrics.2.lp",
    "metrics.lp",
    "notes.txt",
  ]);
});
