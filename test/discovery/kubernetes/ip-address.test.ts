import { expect, test } from "vitest";
import { canonicalAddress, specialAddress } from "../../../src/discovery/kubernetes/ip-address.ts";

for (const [written, expected] of [
  ["10.1.2.3", "10.1.2.3"],
  ["[fd00::1]", "fd00::1"],
  ["FD00:0:0::0001", "fd00::1"],
  ["::ffff:10.1.2.3", "10.1.2.3"],
  ["[::ffff:a01:203]", "10.1.2.3"],
  ["::ffff:255.255.255.255", "255.255.255.255"],
  ["::a01:203", "::a01:203"],
  ["fe80::1%eth0", undefined],
  ["example.test", undefined],
  ["010.1.2.3", undefined],
  ["", undefined],
] as const) {
  test(`${written || "nothing"} is ${expected}`, () => {
    expect(canonicalAddress(written)).toBe(expected);
  });
}

for (const [address, kind] of [
  ["127.255.0.1", "loopback"],
  ["::1", "loopback"],
  ["0.1.2.3", "unspecified"],
  ["169.254.169.254", "metadata"],
  ["169.254.0.1", "link-local"],
  ["febf::1", "link-local"],
  ["239.0.0.1", "multicast"],
  ["240.0.0.1", "multicast"],
  ["ff02::1", "multicast"],
  ["10.0.0.1", undefined],
  ["fd00::1", undefined],
] as const) {
  test(`${address} is ${kind ?? "nothing special"}`, () => {
    expect(specialAddress(address)).toBe(kind);
  });
}
