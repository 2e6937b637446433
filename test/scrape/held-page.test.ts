import { expect, test } from "vitest";
import type { PageSink } from "../../src/page-sink.ts";
import { HeldPage } from "../../src/scrape/held-page.ts";
import type { PageReader } from "../../src/scrape/page-reader.ts";
import type { ScrapeTarget } from "../../src/scrape/scrape-target.ts";

const TARGET = {} as ScrapeTarget;

function sinkInto(got: string[], stopAfter = Number.POSITIVE_INFINITY): PageSink {
  return {
    start: (type) => void got.push(String(type)),
    chunk: (bytes) => {
      got.push(Buffer.from(bytes).toString());
      return got.length > stopAfter ? "sample_limit" : undefined;
    },
    ready: () => undefined,
  };
}

test("a page is read once and given as often as it is asked for", async () => {
  const reused = Buffer.alloc(1);
  const from: PageReader = {
    read: async (_target, sink) => {
      sink.start("text/plain");
      for (const letter of "ab") {
        reused.write(letter);
        sink.chunk(reused);
      }
      return { kind: "ok", status: 200, wireBytes: 2, bodyBytes: 2 };
    },
    forget: () => {},
    close: async () => {},
  };
  const page = await HeldPage.of(TARGET, from, new AbortController().signal);
  const got: string[] = [];
  if (page instanceof HeldPage) {
    await page.read(TARGET, sinkInto(got));
    expect(await page.read(TARGET, sinkInto(got))).toMatchObject({ kind: "ok", bodyBytes: 2 });
  }
  expect(got).toEqual(["text/plain", "ab", "text/plain", "ab"]);
});

test("who wants no more gets no more", async () => {
  const got: string[] = [];
  const page = HeldPage.captured(Buffer.alloc(200_000, "a"));
  expect(await page.read(TARGET, sinkInto(got, 1))).toMatchObject({ reason: "sample_limit" });
  expect(got).toHaveLength(2);
});

test("a captured page is OpenMetrics where it ends so", () => {
  expect(HeldPage.captured(Buffer.from("a 1\n# EOF\n")).dialect).toBe("openmetrics");
  expect(HeldPage.captured(Buffer.from("a 1\n")).dialect).toBe("text");
  expect(new HeldPage(Buffer.from(""), "application/vnd.google.protobuf").dialect).toBe("text");
});
