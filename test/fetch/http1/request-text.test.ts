import fc from "fast-check";
import { expect, test } from "vitest";
import { requestText } from "../../../src/fetch/http1/request-text.ts";

const of = (url: string, headers: readonly string[] = []) => requestText(new URL(url), headers);

test.for([
  ["http://a.test/metrics", "/metrics", "a.test"],
  ["http://a.test:80/", "/", "a.test"],
  ["https://a.test:443/", "/", "a.test"],
  ["https://a.test:80/", "/", "a.test:80"],
  ["http://a.test:9100", "/", "a.test:9100"],
  ["http://[::1]:9100/m", "/m", "[::1]:9100"],
  ["http://[::1]/m", "/m", "[::1]"],
  ["http://a.test/m?a=b&c=d#e", "/m?a=b&c=d", "a.test"],
  ["http://ä.test/ö ü?x=\u{1f600}", "/%C3%B6%20%C3%BC?x=%F0%9F%98%80", "xn--4ca.test"],
  ["http://a.test/x\r\ny", "/xy", "a.test"],
])("%s asks %s of %s", ([url = "", target, host]) => {
  expect(of(url)).toBe(`GET ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n\r\n`);
});

test("headers come in their order", () => {
  expect(of("http://a.test/", ["X-A", "1", "x-b", ""])).toMatch(/\r\nX-A: 1\r\nx-b: \r\n\r\n$/);
});

test.for([
  ["a\r\nX: y", "v"],
  ["", "v"],
  ["a b", "v"],
  ["a:", "v"],
  ["ä", "v"],
  ["X-A", "a\r\nX: y"],
  ["X-A", "a\nb"],
  ["X-A", "a\0"],
  ["X-A", "a\x7f"],
  ["X-A", "\u{100}"],
])("header %j with value %j is refused and not told", ([name = "", value = ""]) => {
  const refused = of("http://a.test/", [name, value]);
  expect(refused).toMatchObject({ kind: "fault", reason: "bad_header" });
  expect(JSON.stringify(refused)).not.toContain("y");
});

test("whatever goes in, a request has its own lines and no more", () => {
  const texts = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom("a", "\r", "\n", ":", " ") }),
  );
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true }), texts, texts, (url, name, value) => {
      const text = of(url, [name, value]);
      fc.pre(typeof text === "string");
      expect(String(text).split(/[\r\n]+/)).toHaveLength(5);
      expect(String(text).match(/\r\n/g)).toHaveLength(5);
    }),
  );
});
