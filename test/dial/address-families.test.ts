import { expect, test } from "vitest";
import { joinFamilies } from "../../src/dial/address-families.ts";
import type { DnsAnswer } from "../../src/dial/dns-answer.ts";

const found = (...addresses: string[]): DnsAnswer => ({
  kind: "addresses",
  addresses,
  ttlMs: addresses.length * 1000,
});
const ABSENT: DnsAnswer = { kind: "absent" };
const UNABLE: DnsAnswer = { kind: "unable", why: "SERVFAIL" };
const SILENT: DnsAnswer = { kind: "silent", why: "silence" };

test.for<readonly [string, boolean, readonly string[]]>([
  ["IPv4 first", false, ["4a", "6a", "4b", "4c"]],
  ["IPv6 first", true, ["6a", "4a", "4b", "4c"]],
])("the families take turns, %s", ([, ipv6First, addresses]) => {
  const joined = joinFamilies(found("4a", "4b", "4c"), found("6a"), ipv6First);
  expect(joined).toEqual({ kind: "addresses", addresses, ttlMs: 1000 });
});

test.for<readonly [string, DnsAnswer, DnsAnswer, DnsAnswer]>([
  ["one family is enough", found("4a"), SILENT, found("4a")],
  ["the other is, too", ABSENT, found("6a"), found("6a")],
  ["absent in both is absent", ABSENT, ABSENT, ABSENT],
  ["silence is no absence", ABSENT, SILENT, SILENT],
  ["nor is a server that cannot say", UNABLE, ABSENT, UNABLE],
  ["whichever family it is about", ABSENT, UNABLE, UNABLE],
  ["silence comes first", UNABLE, SILENT, SILENT],
])("%s", ([, ipv4, ipv6, expected]) => {
  expect(joinFamilies(ipv4, ipv6, false)).toEqual(expected);
});

test("at most 64 addresses are kept", () => {
  const many = found(...Array.from({ length: 100 }, (_, at) => `4-${at}`));
  const joined = joinFamilies(many, many, false);
  expect(joined.kind === "addresses" && joined.addresses).toHaveLength(64);
});
