import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type PlannedRequest, RequestPlans } from "../../src/fetch/request-plans.ts";
import { TlsIdentities } from "../../src/tls/tls-identities.ts";
import { ManualClock } from "../manual-clock.ts";
import { LIMITS, request } from "./fetch-case.ts";

const dir = mkdtempSync(join(tmpdir(), "promline-plans-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const plansOf = () => new RequestPlans(new TlsIdentities(new ManualClock(), () => undefined));

async function planned(...args: Parameters<RequestPlans["plan"]>): Promise<PlannedRequest> {
  return planBy(plansOf(), ...args);
}

async function planBy(
  plans: RequestPlans,
  ...args: Parameters<RequestPlans["plan"]>
): Promise<PlannedRequest> {
  const plan = await plans.plan(...args);
  if ("kind" in plan) {
    throw new Error(plan.detail);
  }
  return plan;
}

test("what was planned is known, text and endpoint", async () => {
  const plans = plansOf();
  const asked = request("http://127.0.0.1:9100/m", { bearer: { kind: "token", token: "t" } });
  expect(plans.known(asked, LIMITS)).toBeUndefined();
  const first = await planBy(plans, asked, LIMITS);
  expect(plans.known(asked, LIMITS)).toBe(first);
  expect(first.plan.text).toMatch(/^GET \/m HTTP\/1.1\r\nhost: 127.0.0.1:9100\r\n/);
  expect(first.plan.text).toContain("\r\nAuthorization: Bearer t\r\n");
});

test("another request or other limits are planned anew", async () => {
  const plans = plansOf();
  const asked = request("http://127.0.0.1:9100/m");
  await planBy(plans, asked, LIMITS);
  expect(plans.known(request("http://127.0.0.1:9100/m"), LIMITS)).toBeUndefined();
  const limits = { ...LIMITS, totalTimeoutMs: 1000, headerBytes: 77 };
  expect(plans.known(asked, limits)).toBeUndefined();
  const other = await planBy(plans, asked, limits);
  expect(other.plan.text).toContain("Timeout-Seconds: 1\r\n");
  expect(other.endpoint.headerBytes).toBe(77);
});

test("a token file is looked at each time, and its text is made when it changes", async () => {
  const plans = plansOf();
  const path = join(dir, "token");
  const asked = request("http://127.0.0.1/m", { bearer: { kind: "file", path } });
  expect(await plans.plan(asked, LIMITS)).toMatchObject({ reason: "credentials" });
  writeFileSync(path, "one");
  const first = await planBy(plans, asked, LIMITS);
  expect(plans.known(asked, LIMITS)).toBeUndefined();
  expect((await planBy(plans, asked, LIMITS)).plan).toBe(first.plan);
  writeFileSync(path, "two");
  expect((await planBy(plans, asked, LIMITS)).plan.text).toContain("Bearer two");
});

test("https has an identity, looked at each time, and keeps its endpoint", async () => {
  const plans = plansOf();
  const asked = request("https://127.0.0.1/m");
  const { endpoint } = await planBy(plans, asked, LIMITS);
  expect(endpoint.identity).toMatchObject({ verify: true });
  expect(plans.known(asked, LIMITS)).toBeUndefined();
  expect((await planBy(plans, asked, LIMITS)).endpoint).toBe(endpoint);
});

test("a unix socket is part of the endpoint", async () => {
  const { endpoint } = await planned(request("http://x/m", { udsPath: "/a.sock" }), LIMITS);
  expect(endpoint.udsPath).toBe("/a.sock");
});
