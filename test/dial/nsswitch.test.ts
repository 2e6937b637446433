import { expect, test } from "vitest";
import { asksMoreThanDns } from "../../src/dial/nsswitch.ts";

test.for<readonly [string, boolean]>([
  ["", false],
  ["hosts: files dns\n", false],
  ["passwd: files systemd\nhosts:\t\tfiles dns # mdns\n", false],
  ["hosts: dns [!UNAVAIL=return] files\n", false],
  ["#hosts: files mdns4_minimal dns\nhosts: files dns\n", false],
  ["hosts: files mdns4_minimal [NOTFOUND=return] dns\n", true],
  ["hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns\n", true],
  ["  hosts : files sss dns\r\n", true],
])("%j: %s", ([text, expected]) => {
  expect(asksMoreThanDns(text)).toBe(expected);
});
