import { expect, test } from "vitest";
import { apiBackOff } from "../../../../src/discovery/kubernetes/api/api-back-off.ts";
import { apiFault } from "../../../../src/discovery/kubernetes/api/api-fault.ts";

test("doubles up to half a minute, half of it at random", () => {
  const fault = apiFault("server_error", "");
  expect([1, 2, 3, 4].map((n) => apiBackOff(n, fault, 0))).toEqual([50, 100, 200, 400]);
  expect(apiBackOff(1, fault, 0.5)).toBe(75);
  expect(apiBackOff(1000, fault, 0.999)).toBeLessThan(30_000);
  expect(apiBackOff(1000, fault, 0)).toBe(15_000);
});

test.for(["unreachable", "dns"] as const)(
  "%s: tried ever more seldom, up to ten seconds",
  (reason) => {
    const fault = apiFault(reason, "");
    expect([1, 2, 3, 4, 5, 6, 7, 8].map((n) => apiBackOff(n, fault, 0))).toEqual([
      50, 100, 200, 400, 800, 1600, 3200, 5000,
    ]);
    expect(apiBackOff(1000, fault, 0.999)).toBeLessThan(10_000);
    expect(apiBackOff(1000, fault, 0)).toBe(5000);
  },
);

test("Retry-After comes first, up to a minute", () => {
  expect(apiBackOff(1, apiFault("throttled", "", 3000), 0)).toBe(3050);
  expect(apiBackOff(1, apiFault("throttled", "", 1e9), 0)).toBe(60_050);
});
