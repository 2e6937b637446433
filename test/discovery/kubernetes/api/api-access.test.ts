import { expect, test } from "vitest";
import {
  apiServerAddresses,
  inClusterAccess,
} from "../../../../src/discovery/kubernetes/api/api-access.ts";

const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

test("the variables of a pod and its service account", () => {
  expect(inClusterAccess({ host: "10.96.0.1", port: "443" })).toEqual({
    server: new URL("https://10.96.0.1:443"),
    authorities: { kind: "file", path: `${ACCOUNT}/ca.crt` },
    credentials: { kind: "file", path: `${ACCOUNT}/token` },
    insecureSkipVerify: false,
  });
});

test("an IPv6 address gets its brackets", () => {
  const server = new URL("https://[fd00::1]:6443");
  expect(inClusterAccess({ host: "fd00::1", port: "6443" })).toMatchObject({ server });
});

for (const service of [undefined, { host: "a b", port: "443" }]) {
  test(`no access with ${JSON.stringify(service)}`, () => {
    expect(inClusterAccess(service)).toMatchObject({ kind: "no_access" });
  });
}

test("addresses of the API server: that which is spoken to, and that which pods are told", () => {
  const access = { server: new URL("https://[FD00::1]"), insecureSkipVerify: false };
  expect(apiServerAddresses(access, { host: "10.96.0.1", port: "443" })).toEqual([
    { address: "fd00::1", port: 443 },
    { address: "10.96.0.1", port: 443 },
  ]);
  const named = { server: new URL("https://api.test:6443"), insecureSkipVerify: false };
  expect(apiServerAddresses(named, undefined)).toEqual([]);
});
