import { expect, test } from "vitest";
import { influxVerdict } from "../../../src/delivery/send/influx-verdict.ts";

test("a partial write is accepted but for the points it names", () => {
  const partial = (error: string) =>
    influxVerdict({ status: 400, text: JSON.stringify({ error }) });
  expect(partial("partial write: field type conflict: input field … dropped=3")).toEqual({
    kind: "accepted",
    rejectedPoints: 3,
  });
  expect(
    partial("partial write: unable to parse 'a': missing fields\nunable to parse 'b': x dropped=0"),
  ).toEqual({ kind: "accepted", rejectedPoints: 2 });
  expect(partial("partial write: who knows")).toEqual({ kind: "accepted", rejectedPoints: 1 });
});

test("a body of which nothing was taken is dropped, a missing database waited for", () => {
  expect(influxVerdict({ status: 400, text: "unable to parse 'a': missing fields" })).toEqual({
    kind: "dropped",
    reason: "http_400",
  });
  expect(influxVerdict({ status: 404, text: "database not found" })).toMatchObject({
    kind: "retry",
    reason: "no_database",
    pace: "slow",
  });
  expect(influxVerdict({ status: 204, text: "" }).kind).toBe("accepted");
});
