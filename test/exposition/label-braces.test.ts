import { expect, test } from "vitest";
import { braceFault } from "../../src/exposition/label-braces.ts";

test("each negative answer has its reason", () => {
  expect([-1, -2, -3, -4, -5, -6].map(braceFault)).toEqual([
    "bad_name",
    "bad_label",
    "bad_escape",
    "duplicate_label",
    "too_many_labels",
    "bad_utf8",
  ]);
});
