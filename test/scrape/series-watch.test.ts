import { expect, test } from "vitest";
import type { PageSink } from "../../src/page-sink.ts";
import { SeriesWatch } from "../../src/scrape/series-watch.ts";

const SINK: PageSink = { start: () => {}, chunk: () => undefined, ready: () => undefined };

/** Series added by each page in turn. */
function added(...pages: string[]): number[] {
  const watch = new SeriesWatch(1024);
  return pages.map((page) => {
    const sink = watch.over(SINK);
    for (let at = 0; at < page.length; at += 7) {
      sink.chunk(Buffer.from(page.slice(at, at + 7)));
    }
    return watch.end(true);
  });
}

test("series that the page before did not have, whatever their values", () => {
  const first = '# TYPE a gauge\n\na 1\na{b="1"} 1\nb\t2\n';
  expect(added(first, first.replaceAll(/ 1\n/g, " 7 123\n"), `${first}c 1`, "c 1", "c 2")).toEqual([
    3, 0, 1, 0, 0,
  ]);
});

test.each([
  ["a brace and a quote in a value", 'a{b="}\\"1"} 1\n', 'a{b="}\\"2"} 1\n'],
  ["blanks before the braces", 'a {b="1"} 1\n', 'a {b="2"} 1\n'],
  ["a quoted name", '{"x.y"} 1\n', '{"x.z"} 1\n'],
  ["braces that never close", 'a{b="1\n', 'a{b="2\n'],
])("%s tells series apart", (_, one, other) => {
  expect(added(one, other, one + other)).toEqual([1, 1, 1]);
});

test("an exemplar and a repeated line are no new series", () => {
  expect(added('a 1 # {t="1"} 1\na 1\n', 'a 1 # {t="2"} 1\n')).toEqual([1, 0]);
});

test("a page that did not come whole does not count", () => {
  const watch = new SeriesWatch(1024);
  const take = (page: string, whole: boolean) => {
    watch.over(SINK).chunk(Buffer.from(page));
    return watch.end(whole);
  };
  expect([take("a 1\n", true), take("b 1\n", false), take("a 1\nb 1\n", true)]).toEqual([1, 0, 1]);
});

test("what the sink says goes back, what comes goes on", async () => {
  const got: unknown[] = [];
  const sink = new SeriesWatch(1024).over({
    start: (type) => void got.push(type),
    chunk: () => "sample_limit",
    ready: () => Promise.resolve(),
  });
  sink.start("text/plain");
  expect(sink.chunk(Buffer.from("a 1\n"))).toBe("sample_limit");
  expect(sink.ready()).toBeInstanceOf(Promise);
  expect(got).toEqual(["text/plain"]);
});
