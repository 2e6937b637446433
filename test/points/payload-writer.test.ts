import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Payload } from "../../src/payload.ts";
import { type LineCounts, noLines } from "../../src/points/line-counts.ts";
import { PayloadWriter } from "../../src/points/payload-writer.ts";
import { SinkGroups } from "../../src/points/sink-groups.ts";
import { KIB } from "../../src/units.ts";

function counts(points: number, sent: number): LineCounts {
  return { ...noLines(), points, sent };
}

function textOf({ gzip }: Payload): string {
  return gunzipSync(gzip).toString();
}

test("what is written becomes a payload with the points and samples since the last", () => {
  const payloads: Payload[] = [];
  const writer = new PayloadWriter();
  writer.begin("logging", (payload) => void payloads.push(payload));
  writer.lines.putText("a b=1,c=2 1\n");
  writer.flush(counts(1, 2));
  writer.lines.putText("a d=1 1\n");
  writer.flush(counts(2, 3));
  expect(payloads.map(textOf)).toEqual(["a b=1,c=2 1\n", "a d=1 1\n"]);
  expect(payloads).toMatchObject([
    { category: "logging", rawBytes: 12, points: 1, samples: 2 },
    { category: "logging", rawBytes: 8, points: 1, samples: 1 },
  ]);
  expect(payloads.some((payload) => "sinkTags" in payload)).toBe(false);
  const compressed = payloads.reduce((sum, { gzip }) => sum + gzip.length, 0);
  expect(writer).toMatchObject({ outputBytes: 20, compressedBytes: compressed });
});

test("a payload is cut once there are 256 KiB, not before", () => {
  const payloads: Payload[] = [];
  const writer = new PayloadWriter();
  writer.begin("metric", (payload) => void payloads.push(payload));
  writer.lines.append(new Uint8Array(256 * KIB - 1));
  expect(writer.room).toBe(1);
  writer.cut(counts(1, 1));
  expect(payloads).toEqual([]);
  writer.lines.putByte(0x0a);
  writer.cut(counts(1, 1));
  expect(payloads.map(({ rawBytes }) => rawBytes)).toEqual([256 * KIB]);
  expect(writer.room).toBe(256 * KIB);
});

test("nothing written is no payload", () => {
  const writer = new PayloadWriter();
  writer.begin("metric", () => {
    throw new Error("a payload of nothing");
  });
  writer.flush(counts(0, 0));
  expect(writer.outputBytes).toBe(0);
});

test("a new page begins with nothing of the last", () => {
  const payloads: Payload[] = [];
  const writer = new PayloadWriter();
  writer.begin("metric", () => undefined);
  writer.lines.putText("a b=1 1\n");
  writer.flush(counts(5, 5));
  writer.lines.putText("left over");
  writer.begin("metric", (payload) => void payloads.push(payload));
  expect([writer.outputBytes, writer.compressedBytes]).toEqual([0, 0]);
  writer.lines.putText("a b=2 1\n");
  writer.flush(counts(1, 1));
  expect(payloads.map(textOf)).toEqual(["a b=2 1\n"]);
  expect(payloads).toMatchObject([{ points: 1, samples: 1 }]);
});

test("it is blocked until the last pause is over", async () => {
  const pauses = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let emitted = 0;
  const writer = new PayloadWriter();
  writer.begin("metric", () => pauses[emitted++]?.promise);
  expect(writer.blocked).toBeUndefined();
  for (const points of [1, 2]) {
    writer.lines.putText("a b=1 1\n");
    writer.flush(counts(points, points));
  }
  const last = writer.blocked;
  pauses[0]?.resolve();
  await new Promise(setImmediate);
  expect(writer.blocked).toBe(last);
  pauses[1]?.resolve();
  await last;
  expect(writer.blocked).toBeUndefined();
});

test("with sink groups there is one payload for each", () => {
  const payloads: Payload[] = [];
  const writer = new PayloadWriter();
  writer.begin("metric", (payload) => void payloads.push(payload), new SinkGroups(["app"]));
  writer.lines.putText("a,app=x b=1 1\na,app=y b=1 1\na b=1 1\n");
  writer.flush(counts(3, 3));
  expect(payloads.map(({ sinkTags }) => sinkTags)).toEqual(["app=x", "app=y", undefined]);
  expect(payloads.map(({ points }) => points)).toEqual([1, 1, 1]);
});
