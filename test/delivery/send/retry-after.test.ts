import { expect, test } from "vitest";
import { retryAfter } from "../../../src/delivery/send/retry-after.ts";

const NOW = Date.UTC(2026, 0, 1);

test.each([
  [undefined, undefined],
  ["0", 0],
  [" 120 ", 120_000],
  ["99999999999", 600_000],
  ["Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
  ["Wed, 31 Dec 2025 23:00:00 GMT", 0],
  ["Fri, 01 Jan 2027 00:00:00 GMT", 600_000],
  ["-5", undefined],
  ["2.5", undefined],
  ["soon", undefined],
  ["", undefined],
])("Retry-After %j is %s ms", (value, expected) => {
  expect(retryAfter(value, NOW)).toBe(expected);
});
