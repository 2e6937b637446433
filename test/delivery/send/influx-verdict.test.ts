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

test("what was refused is read where it stands, not out of a refused line", () => {
  const rejected = (text: string, influxError?: string) =>
    influxVerdict({ status: 400, text, ...(influxError === undefined ? {} : { influxError }) });
  const echo = "partial write: unable to parse 'a b dropped=99': invalid number dropped=0";
  expect(rejected(JSON.stringify({ error: echo }))).toMatchObject({ rejectedPoints: 1 });
  expect(rejected("", "partial write: points beyond retention policy dropped=7")).toEqual({
    kind: "accepted",
    rejectedPoints: 7,
  });
  const cut = '{"error":"partial write: field type conflict: a very long text that is cut';
  expect(rejected(cut, "partial write: field type conflict: … dropped=4")).toMatchObject({
    rejectedPoints: 4,
  });
});

test("InfluxDB 2.x says the same in its message, with 422", () => {
  const message = "failure writing points to database: partial write: type conflict dropped=2";
  const text = JSON.stringify({ code: "unprocessable entity", message });
  expect(influxVerdict({ status: 422, text })).toEqual({ kind: "accepted", rejectedPoints: 2 });
});

test("a body of which nothing was taken is dropped, a missing database waited for", () => {
  expect(influxVerdict({ status: 400, text: "unable to parse 'a': missing fields" })).toEqual({
    kind: "dropped",
    reason: "http_400",
    ofLines: true,
  });
  expect(influxVerdict({ status: 404, text: "database not found" })).toMatchObject({
    kind: "retry",
    reason: "no_database",
    pace: "slow",
  });
  expect(influxVerdict({ status: 204, text: "" }).kind).toBe("accepted");
});
