import { expect, test } from "vitest";
import { fieldsAsKeys, fieldsOf } from "../../../src/config/language/fields.ts";
import { key } from "../../../src/config/language/schema.ts";
import { boolean, duration, integer } from "../../../src/config/language/value-types.ts";

const schema = {
  on: key(boolean, false, "At the top.", { field: "isOn" }),
  wait: key(duration(), 1000, "At the top, a duration.", { field: "waitMs" }),
  most: key(integer(0), 0, "In a part.", { field: "limits.most" }),
  other: key(boolean, false, "Its reader knows."),
} as const;

const values = { on: true, wait: 90_000, most: 7, other: true };

test("values get the names of their fields, part by part", () => {
  expect(fieldsOf(schema, values, "")).toEqual({ isOn: true, waitMs: 90_000 });
  expect(fieldsOf(schema, values, "limits.")).toEqual({ most: 7 });
});

test("the way back writes them as a user would", () => {
  const record = { isOn: true, waitMs: 90_000, limits: { most: 7 }, more: 1 };
  expect(fieldsAsKeys(schema, record)).toEqual({ on: true, wait: "1m30s", most: 7 });
});

test("a field in a part that nothing has is a mistake of ours", () => {
  expect(() => fieldsAsKeys(schema, { isOn: true, waitMs: 1 })).toThrow("the field most");
});
