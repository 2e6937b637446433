import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { CapturedPage, type PageReader, TargetPages } from "../../src/scrape/page-reader.ts";
import type { ScrapeTarget } from "../../src/scrape/scrape-target.ts";
import { LIMITS, request } from "../fetch/fetch-case.ts";
import { RecordingSink } from "../fetch/recording-sink.ts";
import { listening, PAGE, page } from "../fetch/test-net.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";

const pages = new TargetPages();
afterAll(() => pages.close());

/** A page in a file, for the test that runs. */
function pageFile(): string {
  const path = join(scratchDirectory("page-reader"), "page");
  writeFileSync(path, "from_file 1\n");
  return path;
}

/** What one scrape of `source` reads. */
async function read(source: ScrapeTarget["page"], reader: PageReader = pages): Promise<string> {
  const target = { page: source, limits: LIMITS } as ScrapeTarget;
  const sink = new RecordingSink();
  const outcome = await reader.read(target, sink, new AbortController().signal);
  reader.forget(target);
  return outcome.kind === "ok" ? sink.text : outcome.reason;
}

test("a page is read from where the target says", async () => {
  const { url } = await listening(page);
  expect(await read({ kind: "http", request: request(`${url}/metrics`) })).toBe(PAGE);
  expect(await read({ kind: "file", path: pageFile() })).toBe("from_file 1\n");
});

test("a captured page is read whatever the target says", async () => {
  const nowhere = { kind: "http", request: request("http://127.0.0.1:1/m") } as const;
  const captured = new CapturedPage(pageFile());
  expect(await read(nowhere)).toBe("connect_refused");
  expect(await read(nowhere, captured)).toBe("from_file 1\n");
  await captured.close();
});

test("a target that is forgotten is read again like a new one", async () => {
  const server = await listening(page);
  const source = { kind: "http", request: request(`${server.url}/metrics`) } as const;
  await read(source);
  expect(await read(source)).toBe(PAGE);
  expect(server.heads).toHaveLength(2);
});
