import { randomBytes } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { gzipMember } from "../../src/scrape/gzip-member.ts";
import { KIB } from "../../src/units.ts";

const TEXT = Buffer.from("istio,le=1 bucket=17 1700000000000000000\n".repeat(6000));

test("one text after the other gives what a new compressor gives", () => {
  for (const end of [TEXT.length, 41, TEXT.length, 0, 82]) {
    const raw = TEXT.subarray(0, end);
    expect(Buffer.from(gzipMember(raw)).equals(gzipSync(raw, { level: 1 }))).toBe(true);
  }
});

test("text that does not become smaller comes through, and so does the one after it", () => {
  const raw = randomBytes(300 * KIB);
  expect(gunzipSync(gzipMember(raw)).equals(raw)).toBe(true);
  expect(gunzipSync(gzipMember(TEXT)).equals(TEXT)).toBe(true);
});

test("the answer owns its buffer", () => {
  const member = gzipMember(TEXT);
  expect(member.length).toBe(member.buffer.byteLength);
});
