import { expect, test } from "vitest";
import { isPlaceholder } from "../../../src/config/settings/placeholder.ts";

test.each([
  "tkn_REPLACE_ME",
  "REPLACE_ME",
  "tkn_replace-me-now",
  "<your-token>",
  "<YOUR-Token>",
  "tkn_<workspace token>",
  "$TOKEN",
  "${TOKEN}",
  "$(TOKEN)",
  "tkn_$TOKEN",
  "{{ .Values.token }}",
  "%TOKEN%",
  "tkn_xxxxxxxxxx",
  "XXXX",
  "***",
  "tkn_…",
  "...",
  "-",
  "changeme",
  "YOUR_TOKEN",
  "YOUR_TRUEWATCH_TOKEN",
  "your-dataway-token",
  "put-token-here",
  "token",
  "tkn_token",
  "my_token",
  "TODO",
])("%s is a placeholder", (text) => {
  expect(isPlaceholder(text)).toBe(true);
});

test.each([
  "tkn_9a1b2c3d4e5f60718293a4b5c6d7e8f9",
  "tkn_test",
  "tkn_good",
  "tkn_secret",
  "tkn_",
  "",
  "1",
  "x",
  "t3",
  "tkn_very_long_canary",
  "tkn_xx1",
])("%s may be a token", (text) => {
  expect(isPlaceholder(text)).toBe(false);
});
