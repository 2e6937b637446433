import fc from "fast-check";
import { expect, test } from "vitest";
import { knownText } from "../../src/exposition/known-texts.ts";

const encoder = new TextEncoder();

function text(of: string): string {
  const bytes = encoder.encode(`x${of}y`);
  return knownText(bytes, 1, bytes.length - 1).text;
}

test("a text is its bytes' text, whatever was asked for before", () => {
  const short = fc.string({ unit: fc.constantFrom("a", "b", "é", "\ufeff"), maxLength: 4 });
  const texts = fc.array(fc.oneof(short, fc.string({ unit: "grapheme", maxLength: 120 })));
  fc.assert(
    fc.property(texts, (all) => {
      expect(all.map(text)).toEqual(all);
    }),
  );
});

test("a text seen before is the same object, one too long to be kept is not", () => {
  const bytes = encoder.encode("node_cpu_seconds_total".padEnd(200, "x"));
  expect(knownText(bytes, 0, 22)).toBe(knownText(bytes.slice(), 0, 22));
  expect(knownText(bytes, 0, 200)).not.toBe(knownText(bytes, 0, 200));
  expect(knownText(bytes, 0, 200).bytes).toEqual(bytes);
});
