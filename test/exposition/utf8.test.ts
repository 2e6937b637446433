import fc from "fast-check";
import { expect, test } from "vitest";
import { isUtf8 } from "../../src/exposition/utf8.ts";

/** The platform's own judge. */
function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

test.each([
  ["c080", false],
  ["c2", false],
  ["c2ff", false],
  ["e08080", false],
  ["e0a080", true],
  ["eda080", false],
  ["ed9f80", true],
  ["f0808080", false],
  ["f0908080", true],
  ["f48fbfbf", true],
  ["f4908080", false],
  ["f5808080", false],
  ["80", false],
  ["e282", false],
  ["41e282ac42", true],
])("%s", (hex, valid) => {
  const bytes = new Uint8Array(Buffer.from(hex, "hex"));
  expect(isUtf8(bytes, 0, bytes.length)).toBe(valid);
});

test("agrees with TextDecoder on any bytes, and does not look beyond the end", () => {
  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.uint8Array({ min: 0x7f, maxLength: 6 }),
    fc.string({ unit: "binary" }).map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const framed = new Uint8Array([0xe2, ...bytes, 0x82, 0xac]);
      expect(isUtf8(framed, 1, bytes.length + 1)).toBe(decodes(bytes));
    }),
    { numRuns: 2000 },
  );
});
