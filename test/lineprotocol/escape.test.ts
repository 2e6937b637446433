import { expect, test } from "vitest";
import {
  encodeFieldKey,
  encodeMeasurement,
  encodeTagKey,
  encodeTagValue,
} from "../../src/lineprotocol/escape.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const text = (bytes: Uint8Array): string => decoder.decode(bytes);

test("each part escapes what delimits it and nothing else", () => {
  const odd = 'm 2,x=y"z\\w';
  expect(text(encodeMeasurement(odd))).toBe('m\\ 2\\,x=y"z\\w');
  expect(text(encodeTagKey(odd))).toBe('m\\ 2\\,x\\=y"z\\w');
  expect(text(encodeTagValue(odd))).toBe('m\\ 2\\,x\\=y"z\\w');
  expect(text(encodeFieldKey(odd))).toBe('m\\ 2\\,x\\=y\\"z\\w');
});

test.each([encodeMeasurement, encodeTagKey, encodeTagValue, encodeFieldKey])(
  "%o: a line end becomes a blank and no backslash is left before a delimiter",
  (encode) => {
    expect(text(encode("a\nb\\\\"))).toBe("a\\ b");
  },
);

test("a measurement is never empty and never makes its line a comment", () => {
  expect(text(encodeMeasurement(""))).toBe("__default");
  expect(text(encodeMeasurement("\\"))).toBe("__default");
  expect(text(encodeMeasurement("#x"))).toBe("_x");
});

test("what is too long is cut between characters", () => {
  expect(encodeMeasurement("m".repeat(1025)).length).toBe(1024);
  expect(text(encodeTagKey(`${"k".repeat(255)}é`))).toBe("k".repeat(255));
  expect(text(encodeTagKey(`${"k".repeat(254)}é`))).toBe(`${"k".repeat(254)}é`);
  expect(text(encodeTagValue(`${"v".repeat(1022)}€`))).toBe("v".repeat(1022));
});

test.each([encodeMeasurement, encodeTagKey, encodeTagValue, encodeFieldKey])(
  "%o: a byte order mark is a character like any other, long or short",
  (encode) => {
    expect(text(encode("\ufeffa"))).toBe("\ufeffa");
    expect(text(encode(`\ufeff${"a".repeat(2000)}`)).startsWith("\ufeffa")).toBe(true);
  },
);
