import { expect, test } from "vitest";
import { redactFields } from "../../../src/telemetry/log/log-fields.ts";

class RefusedError extends Error {
  readonly url = "http://canary@h/?canary";
}

test.each([
  [
    "a plain field",
    { a: 1, b: "x", c: null, d: undefined },
    { a: 1, b: "x", c: null, d: undefined },
  ],
  ["a URL", { url: "http://u:canary@h/x?token=canary" }, { url: "http://***@h/x?token=***" }],
  ["a URL that does not parse", { scrapeUrl: "http://canary@h:99999" }, { scrapeUrl: "***" }],
  ["a URL without a slash", { url: "http:canary:canary@h" }, { url: "http://***@h/" }],
  ["a path where a URL may stand", { url: "/var/x.prom" }, { url: "/var/x.prom" }],
  [
    "a URL in a text",
    { detail: "get http://h/?canary=canary" },
    { detail: "get http://h/?canary=***" },
  ],
  ["deeper", { a: { b: [{ url: "http://canary@h/" }] } }, { a: { b: [{ url: "http://***@h/" }] } }],
  ["a URL object", { at: new URL("http://canary@h/") }, { at: "http://***@h/" }],
  [
    "secrets by name",
    { Authorization: "canary", password: "canary", token: "canary" },
    { Authorization: "***", password: "***", token: "***" },
  ],
  ["the path of a secret", { token_file: "/run/token" }, { token_file: "/run/token" }],
  ["a target's key", { key: "9f" }, { key: "9f" }],
  ["an absent secret", { token: undefined }, { token: undefined }],
])("%s", (_name, fields, shown) => {
  expect(JSON.stringify(redactFields(fields)).replace(/canary=\*/g, "")).not.toContain("canary");
  expect(redactFields(fields)).toEqual(shown);
});

test("an error is shown with its own fields and its cause", () => {
  const error = new RefusedError("no http://canary@h/", {
    cause: new Error("dns http://canary@h/"),
  });
  const shown = redactFields({ err: error });
  expect(shown).toMatchObject({
    err: { type: "Error", message: "no http://***@h/", cause: { message: "dns http://***@h/" } },
  });
  expect(JSON.stringify(shown)).not.toContain("canary@");
});

test("a circle ends", () => {
  const circle: { self?: object } = {};
  circle.self = circle;
  expect(JSON.stringify(redactFields(circle))).toContain("***");
});
