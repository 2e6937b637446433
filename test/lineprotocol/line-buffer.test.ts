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
