import { expect, test } from "vitest";
import { redactText, redactUrl } from "../src/redact.ts";

test.each([
  ["http://h:9100/metrics", "http://h:9100/metrics"],
  ["https://user:canary@h/x?token=canary&b=canary", "https://***@h/x?token=***&b=***"],
  ["https://h/x?canary", "https://h/x?***"],
  ["https://h/x?a=1&canary&=canary", "https://h/x?a=***&***&=***"],
  ["http://h/x#canary", "http://h/x"],
  ["http://canary@:bad:/", "***"],
  ["not a url", "***"],
])("the URL %s is shown as %s", (url, shown) => {
  expect(redactUrl(url)).toBe(shown);
});

test.each([
  ["no address here", "no address here"],
  ["get http://u:canary@h/x failed", "get http://***@h/x failed"],
  [
    '"https://h/v1?token=canary", twice http://h/?t=canary',
    '"https://h/v1?token=***", twice http://h/?t=***',
  ],
  ["http://user:can'ary@h/x", "http://***@h/x"],
  ["HTTP://h:canary/", "***"],
])("the text %s is shown as %s", (text, shown) => {
  expect(redactText(text)).toBe(shown);
});
