import { expect, test } from "vitest";
import { PayloadBundle } from "../../src/lanes/payload-bundle.ts";
import type { Payload } from "../../src/payload.ts";

function payload(bytes: number): Payload {
  return { category: "metric", gzip: new Uint8Array(bytes), rawBytes: 0, points: 0, samples: 0 };
}

test("small payloads go together at the end, in order; nothing goes twice", () => {
  const sent: number[][] = [];
  const bundle = new PayloadBundle((payloads, bytes) => {
    sent.push([...payloads.map(({ gzip }) => gzip.length), bytes]);
    return undefined;
  });
  void bundle.add(payload(10_000));
  void bundle.add(payload(20_000));
  expect(sent).toEqual([]);
  void bundle.flush();
  void bundle.flush();
  expect(sent).toEqual([[10_000, 20_000, 30_000]]);
});

test("64 KiB do not wait, and who adds hears of the pause that is asked for", () => {
  const pause = Promise.resolve();
  const bundle = new PayloadBundle(() => pause);
  expect(bundle.add(payload(65_000))).toBeUndefined();
  expect(bundle.add(payload(600))).toBe(pause);
  expect(bundle.add(payload(600))).toBeUndefined();
});
