import fc from "fast-check";
import { expect, test } from "vitest";
import { EventLines } from "../../../../src/discovery/kubernetes/api/event-lines.ts";

test("lines are the same wherever the chunks end", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme", minLength: 1 }).filter((s) => /^\S[^\n]*$/.test(s))),
      fc.array(fc.nat(20)),
      (texts, cuts) => {
        const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(""));
        const read: string[] = [];
        const lines = new EventLines(10_000, (line) => {
          read.push(line);
          return undefined;
        });
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          expect(lines.push(bytes.subarray(at, at + cut))).toBeUndefined();
          at += cut;
        }
        lines.push(bytes.subarray(at));
        expect(read).toEqual(texts);
      },
    ),
  );
});

test("a line without end is a fault, not memory", () => {
  const lines = new EventLines(100, () => undefined);
  expect(lines.push(Buffer.alloc(60, "x"))).toBeUndefined();
  expect(lines.push(Buffer.alloc(60, "x"))).toMatchObject({ reason: "protocol" });
});
