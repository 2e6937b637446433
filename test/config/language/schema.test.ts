import { expect, test } from "vitest";
import { IssueLog } from "../../../src/config/language/issue-log.ts";
import { Reading } from "../../../src/config/language/reading.ts";
import { key, optional, readTable, section } from "../../../src/config/language/schema.ts";
import { boolean, duration, integer, string } from "../../../src/config/language/value-types.ts";

const schema = {
  name: key(string, "x", "A name."),
  token: optional(string, "A token.", { secret: true, environment: ["T", "OLD_T"] }),
  part: section({ on: key(boolean, false, "On.", { environment: ["ON"] }) }, "A part."),
  wait: key(duration(), 1000, "A wait."),
  most: key(integer(1, 9), 5, "A bound."),
} as const;

function read(raw: Record<string, unknown>, environment: Record<string, string> = {}) {
  const log = new IssueLog();
  const values = readTable(
    schema,
    raw,
    new Reading({ log, file: "f", environment }, "", undefined),
  );
  const issues = log.inOrder("f").map(({ key: at, message }) => `${at}: ${message}`);
  return { values, issues };
}

const DEFAULTS = { name: "x", token: undefined, part: { on: false }, wait: 1000, most: 5 };

test("an empty table has all defaults", () => {
  expect(read({})).toEqual({ values: DEFAULTS, issues: [] });
});

test("a wrong value is said, and the default stands in", () => {
  expect(read({ most: 10, name: 3, wait: "2s" })).toEqual({
    values: { ...DEFAULTS, wait: 2000 },
    issues: ["name: 3 is not a string in quotes", "most: 10 is not a whole number (1 to 9)"],
  });
});

test("an unknown key is said, with what may have been meant", () => {
  expect(read({ nmae: "y" }).issues).toEqual(['nmae: unknown key, ignored; did you mean "name"?']);
});

test("a variable wins over the table, the first that is set; an empty one is unset", () => {
  const { values } = read({ token: "file" }, { T: "", OLD_T: "variable", ON: "yes" });
  expect([values.token, values.part.on]).toEqual(["variable", true]);
});

test("a secret is never shown", () => {
  expect(read({ token: 12345 }).issues).toEqual([
    "token: the value (not shown) is not a string in quotes",
  ]);
});
