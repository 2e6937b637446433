import { expect, test } from "vitest";
import { parseComment } from "../../src/exposition/comment-line.ts";
import type { Dialect } from "../../src/exposition/dialect.ts";

/** `family type` of a declaration, else its kind or reason. */
function meaningOf(line: string, dialect: Dialect = "text"): string {
  const bytes = new Uint8Array(Buffer.from(`..${line}..`, "latin1"));
  const comment = parseComment(bytes, 2, bytes.length - 2, dialect);
  switch (comment.kind) {
    case "type":
      return `${comment.family} ${comment.type}`;
    case "fault":
      return comment.reason;
    default:
      return comment.kind;
  }
}

test.each([
  ["# TYPE a counter", "a counter"],
  ["  #\tTYPE \ta:b\tGauge \t", "a:b gauge"],
  ["# TYPE a histogram", "a histogram"],
  ["# TYPE a gaugehistogram", "a histogram"],
  ["# TYPE a gauge_histogram", "a histogram"],
  ["# TYPE a summary", "a summary"],
  ["# TYPE a untyped", "a untyped"],
  ["# TYPE a unknown", "a untyped"],
  ["# TYPE a stateset", "a gauge"],
  ["# TYPE a INFO", "a info"],
  ['# TYPE "a.b" counter', "a.b counter"],
  ['# TYPE "a\\"b\\\\" counter', 'a"b\\ counter'],
  ["# HELP a text", "other"],
  ["# HELP", "other"],
  ["# UNIT a seconds", "other"],
  ["# whatever", "other"],
  ["#", "other"],
  ["#TYPE a counter", "other"],
  ["## TYPE a counter", "other"],
  ["# TYPE", "other"],
  ["# TYPE ", "other"],
  ["# TYPES a counter", "other"],
  ["# type a counter", "other"],
  [`# ${"x".repeat(100)}`, "other"],
  ["# EOF", "other"],
  ["# TYPE a", "bad_metadata"],
  ["# TYPE a ", "bad_metadata"],
  ["# TYPE a bla", "bad_metadata"],
  ["# TYPE a counter b", "bad_metadata"],
  ["# TYPE a-b counter", "bad_metadata"],
  ["# TYPE # counter", "bad_metadata"],
  ["# TYPE 9a counter", "bad_metadata"],
  ['# TYPE "" counter', "bad_metadata"],
  ['# TYPE "a counter', "bad_metadata"],
  ['# TYPE "a"counter', "bad_metadata"],
  ['# TYPE "\xff" counter', "bad_metadata"],
  [`# TYPE a ${"x".repeat(100)}`, "bad_metadata"],
])("%j means %s", (line, meaning) => {
  expect(meaningOf(line)).toBe(meaning);
});

test.each([
  ["# EOF", "eof"],
  [" # EOF ", "eof"],
  ["# EOFx", "other"],
  ["# EOF x", "other"],
  ["#EOF", "other"],
  ["# TYPE a unknown", "a untyped"],
])("OpenMetrics %j means %s", (line, meaning) => {
  expect(meaningOf(line, "openmetrics")).toBe(meaning);
});
