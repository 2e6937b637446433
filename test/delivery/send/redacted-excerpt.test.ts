import { expect, test } from "vitest";
import {
  redactedExcerpt,
  secretForms,
  secretsOfUrl,
} from "../../../src/delivery/send/redacted-excerpt.ts";

test("secrets of the URL are masked as written and decoded", () => {
  const secrets = secretForms(secretsOfUrl("https://me:p%40ssw0rd@h/x?token=a%2Bbcdef"));
  const echo = "user me p%40ssw0rd p@ssw0rd a%2Bbcdef a+bcdef a%2Bbcdef";
  expect(redactedExcerpt(echo, secrets)).toBe("user me *** *** *** *** ***");
});

test("what looks like a secret is masked although nobody named it", () => {
  expect(redactedExcerpt('tkn_abc123 {"password": "hunter2"} Bearer abcdefgh123', [])).toBe(
    '*** {"password": "***"} Bearer ***',
  );
});

test("the text is one line of at most 300 characters", () => {
  expect(redactedExcerpt("a\r\n\u001b[31m b\u0000", [])).toBe("a [31m b");
  expect(redactedExcerpt("y".repeat(1000), [])).toHaveLength(300);
});
