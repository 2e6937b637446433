import { expect, test } from "vitest";
import { LineBuffer } from "../../src/lineprotocol/line-buffer.ts";

test("it grows and keeps what was written", () => {
  const buffer = new LineBuffer(2);
  buffer.putText("ab");
  buffer.putByte(0x63);
  buffer.put(new TextEncoder().encode("dé"));
  buffer.putRange(new TextEncoder().encode("xyz"), 1, 2);
  expect(new TextDecoder().decode(buffer.bytes.subarray(0, buffer.length))).toBe("abcdéy");
});

test("text takes one byte a character, so that bytes read as Latin-1 come back", () => {
  const buffer = new LineBuffer(0);
  buffer.putText("\u00e9\u0080\u00ff");
  expect([...buffer.bytes.subarray(0, buffer.length)]).toEqual([0xe9, 0x80, 0xff]);
});

test("a long part of a text is put behind what is there, as a short one is", () => {
  const source = new TextEncoder().encode("0123456789".repeat(30));
  for (const end of [5, 69, 70, 300]) {
    const out = new LineBuffer(8);
    out.putByte(0x3d);
    out.putRange(source, 5, end);
    expect(new TextDecoder().decode(out.bytes.subarray(0, out.length))).toBe(
      `=${"0123456789".repeat(30).slice(5, end)}`,
    );
  }
});
