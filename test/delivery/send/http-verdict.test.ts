import { expect, test } from "vitest";
import { datawayVerdict } from "../../../src/delivery/send/dataway-verdict.ts";

function verdict(status: number): string {
  const told = datawayVerdict({ status, text: "" });
  return "reason" in told ? `${told.kind} ${told.reason}` : told.kind;
}

test.each([
  [200, "accepted"],
  [204, "accepted"],
  [302, "retry redirect"],
  [308, "retry redirect"],
  [400, "dropped http_400"],
  [401, "retry credentials"],
  [403, "retry credentials"],
  [404, "dropped http_404"],
  [407, "retry credentials"],
  [408, "retry http_408"],
  [410, "dropped http_4xx"],
  [413, "split"],
  [422, "dropped http_4xx"],
  [425, "retry http_425"],
  [429, "retry http_429"],
  [500, "retry http_5xx"],
  [503, "retry http_5xx"],
  [599, "retry http_5xx"],
])("%i is %s", (status, expected) => {
  expect(verdict(status)).toBe(expected);
});

test("a workspace that has used up its data is no wrong token", () => {
  const text = '{"error_code":"kodo.beyondDataUsage"}';
  expect(datawayVerdict({ status: 403, text })).toEqual({
    kind: "retry",
    reason: "data_overuse",
    pace: "slow",
  });
  expect(datawayVerdict({ status: 400, text }).kind).toBe("dropped");
});
