import { expect, test } from "vitest";
import { environmentProxy } from "../../../src/config/settings/environment-proxy.ts";

function proxyOf(url: string, noProxy = "", variables: Record<string, string> = {}) {
  const environment = {
    HTTPS_PROXY: "http://secure:1",
    http_proxy: "plain:2",
    NO_PROXY: noProxy,
    ...variables,
  };
  return environmentProxy(new URL(url), environment);
}

test("the scheme of the address says which variable counts, in either case", () => {
  expect(proxyOf("https://dw.example/")).toBe("http://secure:1");
  expect(proxyOf("http://dw.example/")).toBe("http://plain:2");
  expect(environmentProxy(new URL("https://dw.example/"), {})).toBeUndefined();
});

test.for([
  ["*", "https://dw.example/"],
  ["dw.example", "https://dw.example/"],
  ["a.b, example ", "https://dw.example/"],
  [".example", "https://dw.example/"],
  ["*.example", "https://dw.example/"],
  ["dw.example:443", "https://dw.example/"],
  ["10.0.0.0/8", "https://10.1.2.3/"],
  ["10.1.2.3", "https://10.1.2.3/"],
  ["fd00::/8", "https://[fd00::1]/"],
  ["", "http://localhost:9528/"],
  ["", "http://127.0.0.1:9528/"],
] as const)("NO_PROXY %s excepts %s", ([noProxy, url]) => {
  expect(proxyOf(url, noProxy)).toBeUndefined();
});

test.for([
  ["xample", "https://dw.example/"],
  [".dw.example", "https://dw.example/"],
  ["dw.example:8443", "https://dw.example/"],
  ["10.0.0.0/8", "https://11.1.2.3/"],
  ["10.0.0.0/99", "https://10.1.2.3/"],
] as const)("NO_PROXY %s does not except %s", ([noProxy, url]) => {
  expect(proxyOf(url, noProxy)).toBe("http://secure:1");
});
