import { expect, test } from "vitest";
import { parseSampleLine } from "../../src/exposition/parse-sample-line.ts";
import { SampleLine } from "../../src/exposition/sample-line.ts";

/** Parses `text` into `line` and answers the parts that its offsets name. */
function parts(line: SampleLine, text: string) {
  const bytes = Buffer.from(text);
  expect(parseSampleLine(bytes, 0, bytes.length, "text", line)).toBeUndefined();
  const cut = (start: number | undefined, end: number | undefined) =>
    bytes.toString("utf8", start, end);
  const labels = Array.from({ length: line.labelCount }, (_, label) => {
    const [a, b, c, d] = line.spans.subarray(4 * label, 4 * label + 4);
    return [cut(a, b), cut(c, d), line.escapes[label]];
  });
  return {
    name: cut(line.nameStart, line.nameEnd),
    nameEscaped: line.nameEscaped,
    labels,
    value: cut(line.valueStart, line.valueEnd),
    kind: line.valueKind,
    timestampMs: line.timestampMs,
  };
}

test("offsets name the parts of a line, and flags say which of them hold escapes", () => {
  const text = String.raw`{"a\"b",c="1\n","d\\"="2","e\n"="\\"} 1.5 1234`;
  expect(parts(new SampleLine(4), text)).toEqual({
    name: String.raw`a\"b`,
    nameEscaped: true,
    labels: [
      ["c", String.raw`1\n`, 2],
      [String.raw`d\\`, "2", 1],
      [String.raw`e\n`, String.raw`\\`, 3],
    ],
    value: "1.5",
    kind: "plain",
    timestampMs: 1234,
  });
});

test("nothing of a line is left when the next is parsed", () => {
  const line = new SampleLine(4);
  parts(line, String.raw`{"a\"b",c="1\n"} +5 1234`);
  expect(line).toMatchObject({ valueKind: "number", value: 5 });
  expect(parts(line, "m 1")).toEqual({
    name: "m",
    nameEscaped: false,
    labels: [],
    value: "1",
    kind: "plain",
    timestampMs: Number.NaN,
  });
});

test("there is room for as many labels as it was made for", () => {
  const bytes = Buffer.from('m{a="1",b="2"} 1');
  const faults = [1, 2].map((labels) =>
    parseSampleLine(bytes, 0, bytes.length, "text", new SampleLine(labels)),
  );
  expect(faults).toEqual(["too_many_labels", undefined]);
});
