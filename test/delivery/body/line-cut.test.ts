import fc from "fast-check";
import { expect, test } from "vitest";
import { cutLines } from "../../../src/delivery/body/line-cut.ts";
import type { Category } from "../../../src/payload.ts";

function cut(text: string, most: number, category: Category = "metric"): string[] {
  const bytes = Buffer.from(text);
  return [...cutLines(bytes, most, category)].map(({ from, to }) =>
    bytes.subarray(from, to).toString(),
  );
}

test("lines are cut where the limit is reached, and one longer than it stands alone", () => {
  expect(cut("a 1\nb 2\nc 3\n", 8)).toEqual(["a 1\nb 2\n", "c 3\n"]);
  expect(cut("a 1\nlonger 2\nc 3\n", 4)).toEqual(["a 1\n", "longer 2\n", "c 3\n"]);
  expect(cut("", 4)).toEqual([]);
  expect(cut("a 1\nno end", 4)).toEqual(["a 1\n", "no end"]);
});

test("in category logging a line end within a string is none", () => {
  const one = 'm,t=a\\ "b message="say \\"x\\"\nand more" 1\n';
  expect(cut(`${one}n v=1 1\n`, 4, "logging")).toEqual([one, "n v=1 1\n"]);
  expect(cut('m,t=a"b v=1 1\nn,t=" v=2 1\n', 4, "logging")).toEqual([
    'm,t=a"b v=1 1\n',
    'n,t=" v=2 1\n',
  ]);
});

test("the cuts are the text, whatever the limit", () => {
  const line = fc.stringMatching(/^[a-z]{1,12} v=[0-9]{1,5}$/);
  fc.assert(
    fc.property(fc.array(line), fc.integer({ min: 1, max: 60 }), (lines, most) => {
      const text = lines.map((each) => `${each}\n`).join("");
      for (const category of ["metric", "logging"] as const) {
        const cuts = cut(text, most, category);
        expect(cuts.join("")).toBe(text);
        expect(cuts.every((each) => each.length <= most || each.split("\n").length === 2)).toBe(
          true,
        );
      }
    }),
  );
});
