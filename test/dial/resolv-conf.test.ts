import { expect, test } from "vitest";
import { parseResolvConf, type ResolvConf } from "../../src/dial/resolv-conf.ts";

const DEFAULTS: ResolvConf = {
  servers: ["127.0.0.1"],
  search: [],
  ndots: 1,
  timeoutMs: 5000,
  attempts: 2,
  ipv4Only: false,
};

test.for<readonly [string, string, Partial<ResolvConf>]>([
  ["an empty file", "", {}],
  [
    "that of a pod",
    "search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n",
    {
      servers: ["10.96.0.10"],
      search: ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local"],
      ndots: 5,
    },
  ],
  [
    "lines that end with CR LF, and tabs",
    "nameserver\t10.0.0.1\r\nsearch\ta.test\tb.test\r\noptions timeout:2\r\n",
    { servers: ["10.0.0.1"], search: ["a.test", "b.test"], timeoutMs: 2000 },
  ],
  [
    "comments on lines and behind them",
    "# nameserver 10.0.0.9\n; search x\nnameserver 10.0.0.1 # the first\n",
    { servers: ["10.0.0.1"] },
  ],
  [
    "IPv6 servers, with a zone too, and three at most",
    "nameserver fd00::53\nnameserver fe80::1%eth0\nnameserver 10.0.0.1\nnameserver 10.0.0.2\n",
    { servers: ["fd00::53", "fe80::1%eth0", "10.0.0.1"] },
  ],
  [
    "lines that say nothing",
    "nameserver\nnameserver dns.test\nnameserver 10.0.0.256\nsearching a\noptions\noptions ndots:x timeout: debug\n",
    {},
  ],
  ["no space before a keyword's value", "nameserver10.0.0.1\n", {}],
  [
    "the last of domain and search",
    "search a.test b.test\ndomain c.test d.test\n",
    { search: ["c.test"] },
  ],
  ["search after domain", "domain c.test\nsearch a.test\n", { search: ["a.test"] }],
  ["an empty search list", "search a.test\nsearch\n", { search: [] }],
  [
    "search domains once, in lower case, without their dots",
    "search A.test. a.test . b.test",
    { search: ["a.test", "", "b.test"] },
  ],
  [
    "options out of bounds",
    "options ndots:99 timeout:99\noptions attempts:99\n",
    { ndots: 15, timeoutMs: 30_000, attempts: 5 },
  ],
  [
    "options of zero",
    "options ndots:0 timeout:0 attempts:0",
    { ndots: 0, timeoutMs: 1000, attempts: 1 },
  ],
  ["no-aaaa", "options edns0 no-aaaa trust-ad", { ipv4Only: true }],
])("%s", ([, text, expected]) => {
  expect(parseResolvConf(text)).toEqual({ ...DEFAULTS, ...expected });
});

test.for<readonly [string, string, readonly string[]]>([
  ["node.shop.test", "", ["shop.test"]],
  ["node", "", []],
  ["node.", "", []],
  ["node.shop.test", "search other.test", ["other.test"]],
])("of host %s with %j: searched is %j", ([host, text, search]) => {
  expect(parseResolvConf(text, host).search).toEqual(search);
});
