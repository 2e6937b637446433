import { expect, test } from "vitest";
import { inClusterAccess } from "../../../src/discovery/kubernetes/api-access.ts";

test("the variables of a pod and its service account", () => {
  const access = inClusterAccess({
    KUBERNETES_SERVICE_HOST: "10.96.0.1",
    KUBERNETES_SERVICE_PORT: "443",
  });
  expect(access).toEqual({
    server: new URL("https://10.96.0.1:443"),
    authorities: { kind: "file", path: "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt" },
    credentials: { kind: "file", path: "/var/run/secrets/kubernetes.io/serviceaccount/token" },
    insecureSkipVerify: false,
  });
});

test("an IPv6 address gets its brackets", () => {
  expect(
    inClusterAccess({ KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "6443" }),
  ).toMatchObject({ server: new URL("https://[fd00::1]:6443") });
});

for (const environment of [
  {},
  { KUBERNETES_SERVICE_HOST: "10.96.0.1" },
  { KUBERNETES_SERVICE_HOST: "a b", KUBERNETES_SERVICE_PORT: "443" },
]) {
  test(`no access with ${JSON.stringify(environment)}`, () => {
    expect(inClusterAccess(environment)).toMatchObject({ kind: "no_access" });
  });
}
