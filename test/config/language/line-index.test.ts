import fc from "fast-check";
import { expect, test } from "vitest";
import { LineIndex } from "../../../src/config/language/line-index.ts";

test("counts lines and characters as an editor does", () => {
  const part = fc.constantFrom("a", "é", "😀", "\n", "\t", "e\u0301");
  fc.assert(
    fc.property(fc.array(part), fc.array(part), (before, after) => {
      const head = before.join("");
      const lines = head.split("\n");
      const index = new LineIndex(head + after.join(""));
      expect(index.position(head.length)).toEqual({
        line: lines.length,
        column: [...(lines.at(-1) ?? "")].length + 1,
      });
    }),
  );
});
