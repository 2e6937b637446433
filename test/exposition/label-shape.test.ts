import fc from "fast-check";
import { expect, test } from "vitest";
import type { Dialect } from "../../src/exposition/dialect.ts";
import { parseSampleLine } from "../../src/exposition/parse-sample-line.ts";
import { SampleLine } from "../../src/exposition/sample-line.ts";

const MAX_LABELS = 12;

const encoder = new TextEncoder();

/** Everything a parse of `text` says, offsets as they are. */
function parse(line: SampleLine, text: string | Uint8Array, dialect: Dialect = "text") {
  const bytes = typeof text === "string" ? encoder.encode(text) : text;
  const fault = parseSampleLine(bytes, 0, bytes.length, dialect, line);
  if (fault !== undefined) {
    return fault;
  }
  const { nameStart, nameEnd, nameEscaped, labelCount, valueStart, valueEnd, timestampMs } = line;
  return {
    name: [nameStart, nameEnd, nameEscaped],
    spans: [...line.spans.subarray(0, 4 * labelCount)],
    escapes: [...line.escapes.subarray(0, labelCount)],
    value: [valueStart, valueEnd, timestampMs],
  };
}

const value = fc.oneof(
  fc.constantFrom("", "a", "ab", "abcd", "abcde", "1", "é", '\\"', "\\\\", "a\\n", "\\", '"', "}"),
  fc.constantFrom('",y="', "v".repeat(70), "w".repeat(300), "x".repeat(5000)),
);
const values = fc.array(value, { minLength: 13, maxLength: 13 });
const shape = fc.constantFrom(
  (v: string[]) => `a{x="${v[0]}"} 1`,
  (v: string[]) => `a{x="${v[0]}",y="${v[1]}",z="${v[2]}"} 2`,
  (v: string[]) => `a{x="${v[0]}",y="${v[1]}",zz="${v[2]}"} 2`,
  (v: string[]) => `abc{ x = "${v[0]}" , y="${v[1]}", } 3 1700000000000`,
  (v: string[]) => `a{x="${v[0]}"y="${v[1]}"} 4`,
  (v: string[]) => `a{"x"="${v[0]}","\\"q"="${v[1]}"} 4`,
  (v: string[]) => `{"a","x"="${v[0]}"} 5`,
  (v: string[]) => `{x="${v[0]}"} 5`,
  (v: string[]) => `a{"b",x="${v[0]}"} 5`,
  (v: string[]) => `a{x="${v[0]}",x="${v[1]}"} 6`,
  (v: string[]) => `a{${v.map((text, index) => `l${index}="${text}"`).join(",")}} 7`,
  (v: string[]) => `a{${"n".repeat(4200)}="${v[0]}"} 8`,
  () => "a{} 9",
  () => "a{,} 9",
  () => "a 9",
);
const line = fc
  .record({
    text: fc.tuple(shape, values).map(([write, texts]) => write(texts)),
    dialect: fc.constantFrom<Dialect>("text", "text", "text", "openmetrics"),
    corrupt: fc.option(fc.tuple(fc.nat(40), fc.integer({ min: 0x20, max: 0xff })), {
      freq: 5,
      nil: undefined,
    }),
    cut: fc.option(fc.nat(40), { freq: 8, nil: undefined }),
  })
  .map(({ text, dialect, corrupt, cut }) => {
    const bytes = encoder.encode(text);
    if (corrupt !== undefined && corrupt[0] < bytes.length) {
      bytes[corrupt[0]] = corrupt[1];
    }
    return { bytes: bytes.subarray(0, cut ?? bytes.length), dialect };
  });

test("whatever lines came before, a line says what it says alone", () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const known = new SampleLine(MAX_LABELS);
      for (const { bytes, dialect } of lines) {
        expect(parse(known, bytes, dialect)).toEqual(
          parse(new SampleLine(MAX_LABELS), bytes, dialect),
        );
      }
    }),
    { numRuns: 1500 },
  );
});

test("lines whose values alone differ have one shape, which knows what changed when", () => {
  const known = new SampleLine(MAX_LABELS);
  parse(known, 'a{x="1",y="b",z="c"} 1');
  const { shape: first } = known;
  parse(known, 'b{x="1",y="longer",z="c"} 2');
  expect(known.shape).toBe(first);
  parse(known, 'b{x="1",y="longer"} 2');
  expect(known.shape).not.toBe(first);
  parse(known, 'c{x="2",y="longer",z="c"} 3');
  expect(known.shape).toBe(first);
  expect([...(first?.changedAt ?? [])]).toEqual([4, 2, 1]);
});

test("bytes that no float tells apart are told apart", () => {
  const known = new SampleLine(MAX_LABELS);
  const line = (value: readonly number[]) =>
    Uint8Array.from([...encoder.encode('a{x="12345'), ...value, ...encoder.encode('"} 1')]);
  const zeros = [0, 0, 0, 0, 0, 0, 0];
  expect(typeof parse(known, line([...zeros, 0]))).toBe("object");
  expect(parse(known, line([...zeros, 0x80]))).toBe("bad_utf8");
});

test("lines without braces have one shape, those too long for it none", () => {
  const known = new SampleLine(MAX_LABELS);
  parse(known, "a 1");
  const { shape: bare } = known;
  parse(known, "b 1");
  expect(known.shape).toBe(bare);
  parse(known, `a{x="${"v".repeat(5000)}"} 1`);
  expect(known.shape).toBeUndefined();
});

test("a page that takes a new shape in every line costs linear time", { timeout: 2000 }, () => {
  const known = new SampleLine(MAX_LABELS);
  for (let line = 0; line < 20_000; line++) {
    expect(typeof parse(known, `a{${"n".repeat(100)}${line}="v",m="w"} 1`)).toBe("object");
  }
});
