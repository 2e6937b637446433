import { expect, test } from "vitest";
import { type FieldValue, type Point, readLineProtocol } from "./line-protocol.ts";
import { suiteCases } from "./shared-data.ts";

function only(line: string): Point {
  const [point, ...more] = readLineProtocol(line);
  if (point === undefined || more.length > 0) {
    throw new Error("not one point");
  }
  return point;
}

function fieldsOf(line: string): Record<string, FieldValue> {
  return Object.fromEntries(only(line).fields);
}

test("measurement, tags, fields and time", () => {
  const point = only("cpu,host=a,zone=b idle=1.5,user=2i 1700000000000000001\n");
  expect(point.measurement).toBe("cpu");
  expect([...point.tags]).toEqual([
    ["host", "a"],
    ["zone", "b"],
  ]);
  expect(Object.fromEntries(point.fields)).toEqual({
    idle: { type: "float", value: 1.5 },
    user: { type: "int", value: 2n },
  });
  expect(point.time).toBe(1700000000000000001n);
});

test("backslash escapes", () => {
  const point = only(String.raw`a\ b\,c,k\=\ \,=v\,\=\ w\x f\"\=g=1`);
  expect(point.measurement).toBe("a b,c");
  expect([...point.tags]).toEqual([["k= ,", String.raw`v,= w\x`]]);
  expect([...point.fields.keys()]).toEqual(['f"=g']);
});

test("every kind of field", () => {
  expect(fieldsOf(String.raw`m a=-1.5e-7,b=9223372036854775807i,c=7u,d=t,e="x\"\\ ,=y"`)).toEqual({
    a: { type: "float", value: -1.5e-7 },
    b: { type: "int", value: 9223372036854775807n },
    c: { type: "uint", value: 7n },
    d: { type: "bool", value: true },
    e: { type: "string", value: String.raw`x"\ ,=y` },
  });
});

test.each([
  ["m", "no fields"],
  [",a=b f=1", "no measurement"],
  ["m,a= f=1", "tag a has no value"],
  ["m,a=b,a=c f=1", '"a" twice'],
  ["m f=1,f=2", '"f" twice'],
  ["m f=", "no field value"],
  ["m f=NaN", "no field value"],
  ["m f=1e999", "no field value"],
  ["m f=0x10", "no field value"],
  ["m =1", "an empty key"],
  ['m f="x', "without an end"],
  ["m f=1 1.5", "no time"],
  ["m f=1 9223372036854775808", "out of range"],
  ["m f=1 1 1", "unexpected"],
  ["m f=1\r\n", "no field value"],
  ["ok f=1 1\nm f=9223372036854775808i", "line 2"],
])("refuses %j", (line, reason) => {
  expect(() => readLineProtocol(line)).toThrow(reason);
});

test("refuses invalid UTF-8", () => {
  expect(() => readLineProtocol(Uint8Array.of(0x6d, 0x20, 0x66, 0xff, 0x3d, 0x31))).toThrow();
});

interface SuiteCase {
  readonly input?: string;
  readonly input_b64?: string;
  readonly verdict: string;
  readonly mode?: string;
  readonly expected_points?: readonly SuitePoint[];
}

interface SuitePoint {
  readonly name?: string;
  readonly measurement?: string;
  readonly tags?: readonly ({ key: string; value: string } | readonly [string, string])[];
  readonly fields: readonly { key: string; value: unknown; type?: string }[];
}

// The reference decoder takes \n, \r and \t in strings and CRLF line ends; the documentation and influxd 1.6 know neither.
const REFERENCE_TAKES_MORE = /\\[nrt]|\r/;

for (const [file, least] of [
  ["lp_corpus_decode.jsonl.gz", 198],
  ["lp_decoder.jsonl", 4],
  ["telegraf_influx_parser.jsonl", 32],
] as const) {
  test(`reads what ${file} accepts, and its values`, (context) => {
    const accepted = suiteCases<SuiteCase>(context, file)
      .filter(({ verdict, mode }) => verdict === "accept" && mode?.startsWith("series") !== true)
      .filter((suiteCase) => !REFERENCE_TAKES_MORE.test(inputOf(suiteCase).toString("latin1")));
    for (const suiteCase of accepted) {
      const expected = (suiteCase.expected_points ?? []).map(plainSuitePoint);
      const actual = readLineProtocol(inputOf(suiteCase)).map(plainPoint);
      expect(actual, JSON.stringify(suiteCase)).toEqual(expected);
    }
    expect(accepted.length).toBeGreaterThanOrEqual(least);
  });
}

test("refuses what the reference decoder refuses, but for control characters in names", (context) => {
  const rejected = suiteCases<SuiteCase>(context, "lp_corpus_decode.jsonl.gz")
    .filter(({ verdict }) => verdict === "reject")
    .map((suiteCase) => inputOf(suiteCase));
  const taken = rejected.filter((input) => {
    try {
      readLineProtocol(input);
      return true;
    } catch {
      return false;
    }
  });
  // A label value may hold any control character, so this reader has to take them.
  const unexplained = taken.filter((input) => !input.some((byte) => byte < 0x20 && byte !== 0x0a));
  expect(unexplained.map(String)).toEqual([]);
  expect(rejected.length).toBeGreaterThan(3000);
});

function inputOf(suiteCase: SuiteCase): Buffer {
  return suiteCase.input_b64 === undefined
    ? Buffer.from(suiteCase.input ?? "")
    : Buffer.from(suiteCase.input_b64, "base64");
}

/** Names and values as text: integers and floats are spelled in several ways in the suites. */
function plainSuitePoint(point: SuitePoint): unknown {
  const tags = (point.tags ?? []).map((tag) => ("key" in tag ? [tag.key, tag.value] : [...tag]));
  const fields = point.fields.map(({ key, value, type }) => [
    key,
    type === undefined ? plainValue(Object.values(value as object)[0]) : plainValue(value),
  ]);
  return [point.measurement ?? point.name, tags.sort(), fields.sort()];
}

function plainPoint(point: Point): unknown {
  const fields = [...point.fields].map(([key, { value }]) => [key, plainValue(value)]);
  return [point.measurement, [...point.tags].sort(), fields.sort()];
}

function plainValue(value: unknown): string {
  return String(value).replace(/\.0$/, "");
}
