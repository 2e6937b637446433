import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeTagValue } from "../../src/lineprotocol/escape.ts";
import { TAG_VALUE_MAX_ENCODED, writeTagValue } from "../../src/lineprotocol/tag-value.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function written(value: string): string {
  const source = encoder.encode(`<<${value}>>`);
  const target = new Uint8Array(TAG_VALUE_MAX_ENCODED + 2);
  const end = writeTagValue(target, 1, source, 2, source.length - 2);
  return decoder.decode(target.subarray(1, end));
}

const anyValue = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(",", "=", " ", "\\", "\n", "a", "é", "€", "\u{1F600}") }),
  fc.string({ unit: fc.constantFrom("é", "€", "a"), minLength: 400, maxLength: 1200 }),
);

test("bytes are written as the same value is encoded from text", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      expect(written(value)).toBe(decoder.decode(encodeTagValue(value)));
    }),
  );
});

test("a value comes back when a reader takes the escapes away, but for what the format cannot hold", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (value) => {
      const legal = value.replaceAll("\n", " ").replace(/\\+$/, "");
      expect(written(value).replace(/\\([,= ])/g, "$1")).toBe(legal);
    }),
  );
});

test("nothing is written where nothing is left", () => {
  expect(written("")).toBe("");
  expect(written("\\\\")).toBe("");
});
