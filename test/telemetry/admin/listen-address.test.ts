import { expect, test } from "vitest";
import { parseListenAddress } from "../../../src/telemetry/admin/listen-address.ts";

test.each([
  ["localhost:9529", "127.0.0.1", 9529],
  ["LOCALHOST:1", "127.0.0.1", 1],
  ["0.0.0.0:9529", "0.0.0.0", 9529],
  ["[::1]:9529", "::1", 9529],
  ["[::]:0", "::", 0],
  [":9529", "", 9529],
  ["node-1.example:80", "node-1.example", 80],
  [" 127.0.0.1:65535 ", "127.0.0.1", 65_535],
])("%s", (text, host, port) => {
  expect(parseListenAddress(text)).toEqual({ kind: "ok", host, port });
});

test.each([
  [""],
  ["9529"],
  ["localhost"],
  ["localhost:"],
  ["localhost:65536"],
  ["::1:9529"],
  ["[::1]"],
  ["h:1x"],
])("%j is none", (text) => {
  expect(parseListenAddress(text)).toMatchObject({ kind: "bad" });
});
