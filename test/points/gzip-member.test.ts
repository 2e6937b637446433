import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { gzipMember } from "../../src/points/gzip-member.ts";
import { KIB } from "../../src/units.ts";

const TEXT = Buffer.from("istio,le=1 bucket=17 1700000000000000000\n".repeat(6000));

test("members are gzip, one by one and joined", () => {
  const texts = [TEXT.length, 41, TEXT.length, 0, 82].map((end) => TEXT.subarray(0, end));
  const members = texts.map((raw) => gzipMember(raw));
  expect(members.map((member) => gunzipSync(member))).toEqual(texts);
  expect(gunzipSync(Buffer.concat(members))).toEqual(Buffer.concat(texts));
});

test("text that does not become smaller, or is longer than a payload, comes through", () => {
  for (const bytes of [200 * KIB, 400 * KIB]) {
    const raw = randomBytes(bytes);
    expect(gunzipSync(gzipMember(raw)).equals(raw)).toBe(true);
  }
  expect(gunzipSync(gzipMember(TEXT)).equals(TEXT)).toBe(true);
});

test("the answer owns its buffer", () => {
  const member = gzipMember(TEXT);
  expect(member.length).toBe(member.buffer.byteLength);
});
