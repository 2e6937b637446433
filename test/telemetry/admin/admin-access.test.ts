import { expect, test } from "vitest";
import { type Asker, adminAccess } from "../../../src/telemetry/admin/admin-access.ts";
import { AdminToken } from "../../../src/telemetry/admin/admin-token.ts";
import { ManualClock } from "../../manual-clock.ts";

const TOKEN = new AdminToken({ kind: "token", token: "right" }, new ManualClock(), () => {});

/** `granted`, or the status with the first words of the way in. */
async function outcome(address: string, headers: Asker["headers"], token?: AdminToken) {
  const access = await adminAccess({ address, headers }, token);
  return access.kind === "granted" ? "granted" : `${access.status} ${access.text}`;
}

test.each([
  ["127.0.0.1", "localhost:9529"],
  ["127.0.0.1", "LOCALHOST"],
  ["127.0.0.1", "localhost."],
  ["127.8.8.8", "127.0.0.1:9529"],
  ["::ffff:127.0.0.1", "[::ffff:127.0.0.1]:9529"],
  ["::1", "[::1]:9529"],
])("%s under the name %s is this machine", async (address, host) => {
  expect(await outcome(address, { host })).toBe("granted");
  expect(await outcome(address, { host }, TOKEN)).toBe("granted");
});

test.each([
  ["10.0.0.7", "a pod"],
  ["192.168.1.2", "an interface of this host, which traffic of pods may be masqueraded to"],
  ["::ffff:10.0.0.7", "a pod by IPv4 over IPv6"],
  ["fe80::1", "a neighbour"],
  ["1127.0.0.1", "no address"],
  ["", "a connection that is gone"],
])("%s (%s) needs a token", async (address) => {
  const host = "localhost";
  expect(await outcome(address, { host })).toMatch(
    /^401 .*kubectl port-forward[\s\S]*ENV_HTTP_TOKEN/,
  );
  expect(await outcome(address, { host }, TOKEN)).toMatch(/^401 .*ENV_HTTP_TOKEN/);
  expect(await outcome(address, { host, authorization: "Bearer right" }, TOKEN)).toBe("granted");
  expect(await outcome(address, { host, authorization: "bearer  right" }, TOKEN)).toBe("granted");
  expect(await outcome(address, { host, authorization: "Bearer wrong" }, TOKEN)).toMatch(/^401 /);
  expect(await outcome(address, { host, authorization: "Basic right" }, TOKEN)).toMatch(/^401 /);
  expect(await outcome(address, { host, authorization: "Bearer right" })).toMatch(/^401 /);
});

test.each([
  ["evil.example.com"],
  ["localhost.evil.example.com"],
  ["127.0.0.1.nip.io"],
  ["10.0.0.7:9529"],
  ["[::2]"],
  ["localhost:9529@evil.example.com"],
  [""],
])("from this machine under the name %j: 403, as for DNS rebinding", async (host) => {
  expect(await outcome("127.0.0.1", { host })).toMatch(/^403 .*by the name localhost/);
  const authorization = "Bearer right";
  expect(await outcome("127.0.0.1", { host, authorization }, TOKEN)).toBe("granted");
});

test.each([["x-forwarded-for"], ["forwarded"], ["via"], ["x-forwarded-client-cert"]])(
  "with %s a proxy on this machine asks for somebody else",
  async (name) => {
    const headers = { host: "localhost", [name]: "10.0.0.7" };
    expect(await outcome("127.0.0.1", headers)).toMatch(/^403 a proxy/);
  },
);

test("a wrong token is wrong on this machine too", async () => {
  const headers = { host: "localhost", authorization: "Bearer wrong" };
  expect(await outcome("127.0.0.1", headers, TOKEN)).toMatch(/^401 .*not that of this agent/);
});

test("no refusal quotes what was sent", async () => {
  const headers = { host: "canary", authorization: "Bearer canary", via: "canary" };
  for (const address of ["127.0.0.1", "10.0.0.7"]) {
    expect(await outcome(address, headers)).not.toContain("canary");
    expect(await outcome(address, headers, TOKEN)).not.toContain("canary");
  }
});
