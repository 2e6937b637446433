import fc from "fast-check";
import { expect, test } from "vitest";
import { type PageEnd, PageGate } from "../../src/fetch/page-gate.ts";
import type { PageStop } from "../../src/page-sink.ts";
import { MIB } from "../../src/units.ts";
import { LIMITS } from "./fetch-case.ts";
import { RecordingSink } from "./recording-sink.ts";

function gateOf(sink: RecordingSink, limits: Partial<typeof LIMITS> = {}, wireBytes = 0) {
  const ends: PageEnd[] = [];
  const calls: string[] = [];
  const tally = { wireBytes, bodyBytes: 0 };
  const source = { pause: () => calls.push("pause"), resume: () => calls.push("resume") };
  const gate = new PageGate(sink, { ...LIMITS, ...limits }, tally, source, (end) => ends.push(end));
  return { gate, ends, calls, tally };
}

test("bytes go through at once and the end is told once", () => {
  const sink = new RecordingSink();
  const { gate, ends, tally } = gateOf(sink);
  gate.push(Buffer.from("ab"));
  gate.push(Buffer.from("c"));
  gate.end();
  gate.end();
  gate.push(Buffer.from("late"));
  expect(sink.text).toBe("abc");
  expect(tally.bodyBytes).toBe(3);
  expect(ends).toEqual(["complete"]);
});

test("what comes in a pause waits in order, copied, and so does the end", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ maxLength: 5 })),
      fc.array(fc.boolean()),
      async (texts, pauses) => {
        const sink = new RecordingSink();
        const pending = [...pauses];
        sink.gate = () =>
          pending.shift() === true ? new Promise((resolve) => setImmediate(resolve)) : undefined;
        const { gate, ends, calls } = gateOf(sink);
        const reused = Buffer.alloc(20);
        for (const text of texts) {
          const bytes = reused.subarray(0, reused.write(text));
          gate.push(bytes);
          reused.fill(0);
        }
        gate.end();
        while (ends.length === 0) {
          await new Promise((resolve) => setImmediate(resolve));
        }
        expect(sink.text).toBe(texts.join(""));
        expect(ends).toEqual(["complete"]);
        expect(calls.filter((call) => call === "pause").length).toBeGreaterThanOrEqual(
          calls.filter((call) => call === "resume").length,
        );
      },
    ),
    { numRuns: 100 },
  );
});

test("a way out that fails does not hold the page", async () => {
  const sink = new RecordingSink();
  sink.gate = () => Promise.reject(new Error("lost"));
  const { gate, ends } = gateOf(sink);
  gate.push(Buffer.from("a"));
  gate.end();
  await new Promise((resolve) => setImmediate(resolve));
  expect(ends).toEqual(["complete"]);
});

test("the body limit is exact, and the chunk over it is not handed on", () => {
  const sink = new RecordingSink();
  const { gate, ends } = gateOf(sink, { bodyBytes: 4 });
  gate.push(Buffer.from("abcd"));
  gate.push(Buffer.from("e"));
  expect(sink.text).toBe("abcd");
  expect(ends).toMatchObject([{ reason: "body_limit" }]);
});

test("the ratio is judged from 1 MiB of text on", () => {
  const sink = new RecordingSink();
  const { gate, ends } = gateOf(sink, { decompressionRatio: 10 }, 100);
  gate.push(Buffer.alloc(MIB));
  expect(ends).toEqual([]);
  gate.push(Buffer.alloc(1));
  expect(ends).toMatchObject([{ reason: "decompression_ratio" }]);
});

test.for(["sample_limit", "content_type"] as const)(
  "the sink's %s ends the page with words",
  (stop: PageStop) => {
    const sink = new RecordingSink();
    sink.chunkStop = stop;
    const { gate, ends } = gateOf(sink);
    gate.push(Buffer.from("a"));
    gate.push(Buffer.from("b"));
    expect(sink.text).toBe("a");
    expect(ends).toMatchObject([{ reason: stop, detail: expect.stringMatching(/.{10}/) }]);
  },
);

test("nothing is handed on after close", async () => {
  const sink = new RecordingSink();
  sink.gate = () => new Promise((resolve) => setImmediate(resolve));
  const { gate, ends } = gateOf(sink);
  gate.push(Buffer.from("a"));
  gate.push(Buffer.from("b"));
  gate.close();
  gate.end();
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(sink.text).toBe("a");
  expect(ends).toEqual([]);
});
