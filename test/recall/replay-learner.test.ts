import { expect } from "vitest";
import { seriesMemory, replayTest as test } from "../support/replay-memory.ts";
import { TransformedTarget, type TransformOptions } from "../support/transform-page.ts";

/**
 * Lines that the cold path still sees when a page comes for the third time. What comes out has to be what the cold path alone
 * makes of it.
 */
function coldAgain(page: string, options: TransformOptions = {}): number {
  const target = new TransformedTarget({ memory: seriesMemory(), ...options });
  const cold = new TransformedTarget(options);
  let lines = 0;
  const { transform } = target;
  const line = transform.line.bind(transform);
  transform.line = (...of) => {
    lines++;
    line(...of);
  };
  for (let scrape = 0; scrape < 3; scrape++) {
    lines = 0;
    expect(target.scrape(page)).toEqual(cold.scrape(page));
    expect(transform.counts).toEqual(cold.transform.counts);
  }
  return lines;
}

const LONG = "v".repeat(1000);
const labels = (count: number) =>
  Array.from({ length: count }, (_, at) => `l${at}="${LONG}"`).join(",");

test.each<[string, string, TransformOptions]>([
  ["a point", "a_b 1\n", {}],
  ["a comment", "# HELP a_b text\n", {}],
  ["a type", "# TYPE a_b gauge\na_b 1\n", {}],
  [
    "a type that a drop-in does not want",
    "# TYPE a_b gauge\na_b 1\n",
    { rules: { metricTypes: ["counter"] } },
  ],
  ["a filtered sample", "a_b 1\n", { rules: { metricNameFilterIgnore: ["a"] } }],
  ["a sample of a value that is none", "a_b NaN\n", {}],
  ["a pair", "# TYPE a_s summary\na_s_sum 1\na_s_count 2\n", {}],
  ["a pair, count first", "# TYPE a_s summary\na_s_count 2\na_s_sum 1\n", {}],
  ["a half alone", "# TYPE a_s summary\na_s_sum 1\na_b 2\n", {}],
  ["a name that is none", "a_b 1\n", { rules: { asLogging: { service: "" } } }],
  ["a name beyond ASCII", '{"größe_x"} 1\n', {}],
  ["a field named status", "a_status 1\n", { rules: { asLogging: { service: "s" } } }],
  ["a long text", `a_b{${labels(5)}} 1\n`, {}],
])("%s is remembered", (_, page, options) => {
  expect(coldAgain(page, options)).toBe(0);
});

test.each<[string, string, number]>([
  ["an info sample", '# TYPE t info\nt_info{v="1"} 1\na_b 1\n', 1],
  ["a line with CRLF", "a_b 1\r\na_c 1\n", 1],
  ["an indented comment", " # HELP a b\na_c 1\n", 1],
  ["a name with an escape", '{"a_\\"b"} 1\na_c 1\n', 1],
  ["a value without a blank before it", 'a_b{c="d"}1\na_c 1\n', 1],
  ["an infinite sum", "# TYPE a_s summary\na_s_sum +Inf\na_s_count 1\n", 2],
  ["a text that is too long", `a_b{${labels(8)}} 1\na_c 1\n`, 1],
])("%s goes to the cold path each time, and no other line", (_, page, lines) => {
  expect(coldAgain(page)).toBe(lines);
});

test("a family of a name that is too long to follow leaves the rest of the page to the cold path", () => {
  const name = `a_${"b".repeat(250)}`;
  expect(coldAgain(`c_d 1\n# TYPE ${name} gauge\n${name} 1\nc_e 1\n`)).toBe(3);
});

test("what an info label says belongs to the lines behind it", () => {
  const target = new TransformedTarget({ memory: seriesMemory() });
  const cold = new TransformedTarget({});
  const before = "a_b 1\n";
  const info = '# TYPE t info\nt_info{v="1"} 1\n';
  for (const page of [before + info, info + before, before + info, info + before, before]) {
    expect(target.scrape(page)).toEqual(cold.scrape(page));
  }
});

test("a name whose family is declared later is a name of that family", () => {
  const target = new TransformedTarget({ memory: seriesMemory() });
  const cold = new TransformedTarget({});
  const lines = "a_s_sum 1\na_s_count 2\n";
  const type = "# TYPE a_s summary\n";
  for (const page of [lines, type + lines, lines, type + lines, lines + type]) {
    expect(target.scrape(page)).toEqual(cold.scrape(page));
  }
});
