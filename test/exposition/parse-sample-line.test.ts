import fc from "fast-check";
import parsePrometheusTextFormat from "parse-prometheus-text-format";
import { describe, expect, test } from "vitest";
import type { Dialect } from "../../src/exposition/dialect.ts";
import { parseSampleLine } from "../../src/exposition/parse-sample-line.ts";
import { SampleLine } from "../../src/exposition/sample-line.ts";
import { readPage } from "../support/read-page.ts";

interface Shown {
  name: string;
  labels?: Record<string, string>;
  value: number;
  time?: number | undefined;
}

/** The one sample of a line, or its fault. */
function parsed(line: string | Uint8Array, dialect: Dialect = "text"): Shown | string | undefined {
  const { samples, faults } = readPage(line, { dialect });
  const sample = samples[0];
  if (sample === undefined || faults.length > 0) {
    return faults[0]?.reason;
  }
  return {
    name: sample.name,
    ...(sample.labels.length > 0 ? { labels: Object.fromEntries(sample.labels) } : {}),
    value: sample.value,
    ...(sample.timestampMs === undefined ? {} : { time: sample.timestampMs }),
  };
}

describe("what is taken", () => {
  test.each<[string, Shown]>([
    ["a 1", { name: "a", value: 1 }],
    ["a:b_9 1", { name: "a:b_9", value: 1 }],
    ["  \ta\t 1 \t", { name: "a", value: 1 }],
    ["a{} 1", { name: "a", value: 1 }],
    ["a{,} 1", { name: "a", value: 1 }],
    ["a{ , } 1", { name: "a", value: 1 }],
    ['a{b="c"} 1', { name: "a", labels: { b: "c" }, value: 1 }],
    ['a{b="c"}1', { name: "a", labels: { b: "c" }, value: 1 }],
    ['a {\tb = "c" , d= "e" , } -2', { name: "a", labels: { b: "c", d: "e" }, value: -2 }],
    ['a{b="c" d="e"f="g"} 1', { name: "a", labels: { b: "c", d: "e", f: "g" }, value: 1 }],
    ['a{b=""} 1', { name: "a", labels: { b: "" }, value: 1 }],
    ['a{b="x}y{,=#"} 1', { name: "a", labels: { b: "x}y{,=#" }, value: 1 }],
    ['a{b="\\"\\\\\\n\\t"} 1', { name: "a", labels: { b: '"\\\n\\t' }, value: 1 }],
    ['a{b="温度 é"} 1', { name: "a", labels: { b: "温度 é" }, value: 1 }],
    ['a{b="\u0000"} 1', { name: "a", labels: { b: "\u0000" }, value: 1 }],
    ['{"a.b"} 1', { name: "a.b", value: 1 }],
    ['{"a.b",} 1', { name: "a.b", value: 1 }],
    ['{ "a.b" , c="d"} 1', { name: "a.b", labels: { c: "d" }, value: 1 }],
    ['{c="d","a\\"b"} 1', { name: 'a"b', labels: { c: "d" }, value: 1 }],
    ['a{"b.c"="d","\\n"="e"} 1', { name: "a", labels: { "b.c": "d", "\n": "e" }, value: 1 }],
    [
      'a{__name="b",__nam_e_="c"} 1',
      { name: "a", labels: { __name: "b", __nam_e_: "c" }, value: 1 },
    ],
    ["a-1", { name: "a", value: -1 }],
    ["a +5", { name: "a", value: 5 }],
    ["a NaN", { name: "a", value: Number.NaN }],
    ["a -Inf", { name: "a", value: Number.NEGATIVE_INFINITY }],
    ["a Inf", { name: "a", value: Number.POSITIVE_INFINITY }],
    ["a 1 000", { name: "a", value: 1, time: 0 }],
    ["a 1  1234567890123  ", { name: "a", value: 1, time: 1_234_567_890_123 }],
    ["a 1 -2", { name: "a", value: 1, time: -2 }],
    ["a 1 1.9", { name: "a", value: 1, time: 1 }],
    ["a 1 1.5e3", { name: "a", value: 1, time: 1500 }],
    ['a 1 # {t="x"} 5 6', { name: "a", value: 1 }],
    ["a 1 7 # whatever", { name: "a", value: 1, time: 7 }],
    ["a 1 9223372036854775807", { name: "a", value: 1, time: 2 ** 63 }],
  ])("%j", (line, shown) => {
    expect(parsed(line)).toEqual(shown);
  });

  test.each<[string, Shown]>([
    ["a 1 1.5", { name: "a", value: 1, time: 1500 }],
    ["a 1 1520879607.789", { name: "a", value: 1, time: 1_520_879_607_789 }],
    ["a 1 -0.0019", { name: "a", value: 1, time: -1 }],
    ["a 1 3", { name: "a", value: 1, time: 3000 }],
    ["a 1 1e20", { name: "a", value: 1, time: 1e23 }],
    ["a 1 # {} 0.5", { name: "a", value: 1 }],
    ['a 1 2 # {b="c\\"}","d.e"="f",} +Inf 3.5 ', { name: "a", value: 1, time: 2000 }],
    ['a{b="c",} 1', { name: "a", labels: { b: "c" }, value: 1 }],
  ])("OpenMetrics %j", (line, shown) => {
    expect(parsed(line, "openmetrics")).toEqual(shown);
  });
});

describe("what is refused", () => {
  test.each([
    ["9a 1", "bad_name"],
    ["a-b 1", "bad_name"],
    ["é 1", "bad_name"],
    ["@a 1", "bad_name"],
    ["{} 1", "bad_name"],
    ['{b="c"} 1', "bad_name"],
    ['{""} 1', "bad_name"],
    ['{"a","b"} 1', "bad_name"],
    ['a{"b"} 1', "bad_name"],
    ["a{", "bad_label"],
    ["a{b", "bad_label"],
    ["a{b=", "bad_label"],
    ['a{b="', "bad_label"],
    ['a{b="c', "bad_label"],
    ['a{b="c"', "bad_label"],
    ['a{b="c",', "bad_label"],
    ['a{b="c",,d="e"} 1', "bad_label"],
    ['a{,b="c"} 1', "bad_label"],
    ["a{,", "bad_label"],
    ["a{b='c'} 1", "bad_label"],
    ["a{b} 1", "bad_label"],
    ["a{b,} 1", "bad_label"],
    ['a{b:"c"} 1', "bad_label"],
    ['a{b="c"+} 1', "bad_label"],
    ['a{1="c"} 1', "bad_label"],
    ['a{b:c="d"} 1', "bad_label"],
    ['a{""="c"} 1', "bad_label"],
    ['a{="c"} 1', "bad_label"],
    ['{"a" "b"="c"} 1', "bad_label"],
    ['{"a', "bad_label"],
    ['a{__name__="b"} 1', "bad_label"],
    ['a{"__name__"="b"} 1', "bad_label"],
    ['a{b="c\\', "bad_escape"],
    ['a{"b\\', "bad_escape"],
    ['a{b="1",b="2"} 1', "duplicate_label"],
    ['a{b="1",c="1","b"="2"} 1', "duplicate_label"],
    ['a{"\\x"="1","\\\\x"="2"} 1', "duplicate_label"],
    ["a", "bad_value"],
    ["a ", "bad_value"],
    ["a{} ", "bad_value"],
    ["a true", "bad_value"],
    ["a 1_2", "bad_value"],
    ["a 0x1p-3", "bad_value"],
    ["a 1e999", "bad_value"],
    ['a{b="c"} {} 1', "bad_value"],
    ["a 1#", "bad_value"],
    ["a 1 b", "bad_timestamp"],
    ["a 1 NaN", "bad_timestamp"],
    ["a 1 Inf", "bad_timestamp"],
    ["a 1 1_2", "bad_timestamp"],
    ["a 1 92233720368547758079", "bad_timestamp"],
    ["a 1 2 3", "trailing_text"],
  ])("%j is %s", (line, reason) => {
    expect(parsed(line)).toBe(reason);
  });

  test.each([
    ['a{b="1"c="2"} 1', "bad_label"],
    ["a{,} 1", "bad_label"],
    ["a 1 #", "bad_exemplar"],
    ["a 1 # x", "bad_exemplar"],
    ["a 1 # {", "bad_exemplar"],
    ["a 1 # {}", "bad_exemplar"],
    ["a 1 # {} x", "bad_exemplar"],
    ["a 1 # {} 1 x", "bad_exemplar"],
    ["a 1 # {} 1 NaN", "bad_exemplar"],
    ["a 1 # {} 1 2 3", "bad_exemplar"],
    ["a 1 # {b} 1", "bad_exemplar"],
    ["a 1 # {b=c} 1", "bad_exemplar"],
    ['a 1 # {b="c} 1', "bad_exemplar"],
    ['a 1 # {b="c"d="e"} 1', "bad_exemplar"],
    ["a 1 # {,} 1", "bad_exemplar"],
    ['a 1 # {"b', "bad_exemplar"],
    ['a 1 # {b="c", ', "bad_exemplar"],
    ["a 1 # {b", "bad_exemplar"],
    ["a 1 1e308", "bad_timestamp"],
  ])("OpenMetrics %j is %s", (line, reason) => {
    expect(parsed(line, "openmetrics")).toBe(reason);
  });

  test.each([['a{b="\xff"} 1'], ['a{"\xff"="b"} 1'], ['{"\xff"} 1'], ['a{b="\\\xc3"} 1']])(
    "bytes that are not UTF-8: %j",
    (line) => {
      expect(parsed(new Uint8Array(Buffer.from(line, "latin1")))).toBe("bad_utf8");
    },
  );

  test("more labels than there is room for", () => {
    const three = 'a{b="1",c="2",d="3"} 1';
    expect(readPage(three, { maxLabels: 3 }).samples).toHaveLength(1);
    expect(readPage(three, { maxLabels: 2 }).faults).toEqual([
      { line: 1, reason: "too_many_labels" },
    ]);
  });
});

test("labels of many lines are told apart, and a repeated one is found among many", () => {
  const labels = Array.from({ length: 250 }, (_, index) => `l${index}="v"`).join(",");
  expect(parsed(`a{${labels}} 1`)).toMatchObject({ labels: { l0: "v", l249: "v" } });
  expect(parsed(`a{${labels},l17="w"} 1`)).toBe("duplicate_label");
});

test("the duplicate check survives the wrap of its stamp", () => {
  const line = new SampleLine(4);
  const parse = (text: string) => {
    const bytes = new TextEncoder().encode(text);
    return parseSampleLine(bytes, 0, bytes.length, "text", line);
  };
  expect(parse('a{b="1",c="2"} 1')).toBeUndefined();
  line.duplicates.stamp = 0xffffffff;
  line.shapes.clear();
  expect(parse('a{b="1",c="2"} 1')).toBeUndefined();
  expect(line.duplicates.stamp).toBe(1);
  expect(parse('a{b="1",b="2"} 1')).toBe("duplicate_label");
});

test("offsets are those of the line's bytes, also in the middle of a chunk", () => {
  const bytes = new TextEncoder().encode('xx\na{b="c\\n"} 1.5\nyy');
  const line = new SampleLine(4);
  expect(parseSampleLine(bytes, 3, bytes.length - 3, "text", line)).toBeUndefined();
  const slice = (start: number, end: number) => Buffer.from(bytes.subarray(start, end)).toString();
  expect(slice(line.nameStart, line.nameEnd)).toBe("a");
  expect(slice(line.spans[0] ?? 0, line.spans[1] ?? 0)).toBe("b");
  expect(slice(line.spans[2] ?? 0, line.spans[3] ?? 0)).toBe("c\\n");
  expect([line.labelCount, line.escapes[0], line.valueKind]).toEqual([1, 2, "plain"]);
  expect(slice(line.valueStart, line.valueEnd)).toBe("1.5");
});

const NAME = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/);
const LABELS = fc.uniqueArray(fc.tuple(NAME, fc.string({ unit: "grapheme", maxLength: 8 })), {
  maxLength: 6,
  selector: ([name]) => name,
});
const SAMPLE = fc.record({
  name: NAME,
  labels: LABELS,
  value: fc.double({ noNaN: true, noDefaultInfinity: true }),
  time: fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: undefined }),
});

function lineOf(sample: {
  name: string;
  labels: [string, string][];
  value: number;
  time: number | undefined;
}): string {
  const labels = sample.labels.map(([name, value]) => `${name}="${escaped(value)}"`).join(",");
  return `${sample.name}{${labels}} ${sample.value}${sample.time === undefined ? "" : ` ${sample.time}`}\n`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

test("any sample that is written is read back", () => {
  fc.assert(
    fc.property(fc.array(SAMPLE, { maxLength: 8 }), (samples) => {
      const { samples: read, faults } = readPage(samples.map(lineOf).join(""));
      expect(faults).toEqual([]);
      expect(
        read.map(({ name, labels, value, timestampMs }) => ({
          name,
          labels,
          value,
          time: timestampMs,
        })),
      ).toEqual(samples.map((sample) => ({ ...sample, value: Number(String(sample.value)) })));
    }),
  );
});

test("parse-prometheus-text-format reads the same samples from a well-formed page", () => {
  const gauge = fc.record({
    name: NAME,
    samples: fc.uniqueArray(
      fc.record({
        labels: fc.uniqueArray(fc.tuple(NAME, fc.stringMatching(/^[ -!#-[\]-~]{0,8}$/)), {
          minLength: 1,
          maxLength: 4,
          selector: ([name]) => name,
        }),
        value: fc.double({ noNaN: true, noDefaultInfinity: true }),
      }),
      { minLength: 1, maxLength: 5, selector: ({ labels }) => JSON.stringify(labels.toSorted()) },
    ),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(gauge, { maxLength: 5, selector: ({ name }) => name }),
      (families) => {
        const page = families
          .map(({ name, samples }) => {
            const lines = samples.map((sample) => lineOf({ ...sample, name, time: undefined }));
            return `# HELP ${name} help\n# TYPE ${name} gauge\n${lines.join("")}`;
          })
          .join("");
        const theirs = parsePrometheusTextFormat(page).flatMap(({ name, metrics }) =>
          metrics.map(({ labels, value }) => [name, labels ?? {}, Number(value)]),
        );
        const ours = readPage(page).samples.map(({ name, labels, value }) => [
          name,
          Object.fromEntries(labels),
          value,
        ]);
        expect(ours).toEqual(theirs);
      },
    ),
  );
});

const PAGE = `# TYPE a counter
a_total{b="c",d="e\\"f"} 1 2
{"q.n","l.m"="é"} -Inf
# TYPE h histogram
h_bucket{le="+Inf"} 3 # {t="x"} 1 2
# EOF
`;

test("any chunking of a page gives the same samples and faults", () => {
  const page = Buffer.from(`${PAGE}a{b="é"} x\r\n\n a_total 5`);
  const whole = readPage(page, { dialect: "openmetrics" });
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (chunkBytes) => {
      expect(readPage(page, { dialect: "openmetrics", chunkBytes })).toEqual(whole);
    }),
  );
});

test("no mutation of a page throws, and every line is a sample, a fault or neither", () => {
  const edit = fc.tuple(
    fc.nat({ max: PAGE.length }),
    fc.nat({ max: 3 }),
    fc.uint8Array({ maxLength: 3 }),
  );
  fc.assert(
    fc.property(
      fc.array(edit, { maxLength: 6 }),
      fc.constantFrom<Dialect>("text", "openmetrics"),
      (edits, dialect) => {
        let bytes = Buffer.from(PAGE);
        for (const [at, removed, added] of edits) {
          bytes = Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
        }
        const { samples, faults } = readPage(bytes, { dialect });
        const lines = [...bytes].filter((byte) => byte === 0x0a).length + 1;
        expect(samples.length + faults.length).toBeLessThanOrEqual(lines);
        expect(new Set(faults.map(({ line }) => line)).size).toBe(faults.length);
      },
    ),
    { numRuns: 3000 },
  );
});
