import fc from "fast-check";
import { expect, test } from "vitest";
import { parseTargetAddress } from "../../src/discovery/target-address.ts";

/** Host, instance, "port" where there is one, "local" for loopback. */
function http(url: string): string {
  const address = parseTargetAddress(url);
  return address.kind === "http"
    ? [
        address.host,
        address.instance,
        ...(address.hasPort ? ["port"] : []),
        ...(address.loopback ? ["local"] : []),
      ].join(" ")
    : address.kind;
}

test.each([
  ["http://10.0.0.5:9100/metrics", "10.0.0.5 10.0.0.5:9100 port"],
  ["http://exporter/metrics", "exporter exporter"],
  ["http://exporter:80/metrics", "exporter exporter:80 port"],
  ["https://Exporter.Example:443", "Exporter.Example Exporter.Example:443 port"],
  ["HTTP://exporter:9100?x=1", "exporter exporter:9100 port"],
  ["http://user:p@ss@exporter:9100/", "exporter exporter:9100 port"],
  ["http://[2001:db8::1]:9100/metrics", "2001:db8::1 [2001:db8::1]:9100 port"],
  ["http://[2001:db8::1]/metrics", "2001:db8::1 [2001:db8::1]"],
  ["http://exporter:/metrics", "exporter exporter:"],
  [" http://exporter:1/m ", "exporter exporter:1 port"],
  ["http://localhost:1/", "localhost localhost:1 port local"],
  ["http://LocalHost/", "LocalHost LocalHost local"],
  ["http://127.0.0.1:9529/metrics", "127.0.0.1 127.0.0.1:9529 port local"],
  ["http://127.8.9.1/", "127.8.9.1 127.8.9.1 local"],
  ["http://[::1]:9529/", "::1 [::1]:9529 port local"],
  ["http://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1 [::ffff:127.0.0.1] local"],
  ["http://128.0.0.1/", "128.0.0.1 128.0.0.1"],
  ["http://localhost.example/", "localhost.example localhost.example"],
  ["http://web.localhost/", "web.localhost web.localhost"],
])("%s: %s", (url, expected) => {
  expect(http(url)).toBe(expected);
});

test.each([
  ["http://"],
  ["http:exporter"],
  ["http:///metrics"],
  ["http://:9100/metrics"],
  ["http://exporter:99999/"],
  ["http://[::1/"],
  ["http://exp orter/"],
  ["file://other-host/x"],
  [""],
  ["  "],
])("%j is no address", (url) => {
  expect(parseTargetAddress(url).kind).toBe("bad");
});

test.each([
  ["/var/lib/x.prom", "/var/lib/x.prom", false],
  ["relative/x.prom", "relative/x.prom", false],
  ["C:\\metrics\\x.prom", "C:\\metrics\\x.prom", false],
  ["file:///var/lib/x%20y.prom", "/var/lib/x y.prom", false],
  ["ftp://exporter/x", "ftp://exporter/x", true],
  ["exporter:9100/metrics", "exporter:9100/metrics", true],
])("%s is the file %s", (url, path, doubtful) => {
  expect(parseTargetAddress(url)).toEqual({ kind: "file", path, doubtful });
});

test("host and instance are what was put into the URL", () => {
  const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);
  const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
  fc.assert(
    fc.property(label, label, port, fc.webPath(), (first, second, number, path) => {
      const host = `${first}.${second}`;
      const instance = number === undefined ? host : `${host}:${number}`;
      expect(parseTargetAddress(`http://${instance}${path}`)).toMatchObject({
        kind: "http",
        host,
        instance,
        hasPort: number !== undefined,
      });
    }),
  );
});

test.each([
  ["http://Exporter/m?b=1#x", "exporter", 80, "http://exporter/m?b=1"],
  ["https://exporter/m", "exporter", 443, "https://exporter/m"],
  ["http://user@EXPORTER:9100", "exporter", 9100, "http://user@exporter:9100/"],
  ["http://[2001:DB8:0::1]:80/", "[2001:db8::1]", 80, "http://[2001:db8::1]/"],
])("%s is the request that a parser makes of it", (url, hostname, port, request) => {
  expect(parseTargetAddress(url)).toMatchObject({ kind: "http", url, hostname, port, request });
});
