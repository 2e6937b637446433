import fc from "fast-check";
import { expect, test } from "vitest";
import { joinPayloads } from "../../../src/delivery/body/body.ts";
import { splitBody } from "../../../src/delivery/body/body-splitter.ts";
import { sum } from "../../../src/tally.ts";
import { linesOf, numbered, payloadOf } from "../line-payload.ts";

const nextId = () => "dk_part";

test("a body of several members is cut between them, their bytes unchanged", async () => {
  const payloads = [0, 10, 20].map((from) => payloadOf(numbered(10, 50, from)));
  const split = await splitBody(joinPayloads("dk_whole", payloads), 750, nextId);
  expect(split.kind === "parts" && split.parts.map((part) => Buffer.from(part.gzip))).toEqual(
    payloads.map((payload) => Buffer.from(payload.gzip)),
  );
});

test("the parts of one member hold its lines, and their counts are its counts", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 40 }),
      fc.integer({ min: 0, max: 100 }),
      fc.integer({ min: 1, max: 900 }),
      async (count, samples, most) => {
        const lines = numbered(count, 60);
        const whole = joinPayloads("dk_whole", [{ ...payloadOf(lines), samples }]);
        const split = await splitBody(whole, Math.min(most, count * 60 - 1), nextId);
        const parts = split.kind === "parts" ? split.parts : [];
        expect(parts.flatMap((part) => linesOf(part.gzip))).toEqual(lines);
        expect(sum(parts.map((part) => part.tally))).toEqual(whole.tally);
        expect(parts.every((part) => part.tally.points === linesOf(part.gzip).length)).toBe(true);
      },
    ),
    { numRuns: 50 },
  );
});

test("a member that is not as long as it says is corrupt", async () => {
  const payload = { ...payloadOf(numbered(3, 50)), rawBytes: 149 };
  const split = await splitBody(joinPayloads("dk_whole", [payload]), 75, nextId);
  expect(split.kind).toBe("corrupt");
});

test("counts that do not agree with the lines are handed on whole", async () => {
  for (const points of [0, 2, 9]) {
    const whole = joinPayloads("dk_whole", [{ ...payloadOf(numbered(4, 50)), points }]);
    const split = await splitBody(whole, 100, nextId);
    const parts = split.kind === "parts" ? split.parts : [];
    expect(sum(parts.map((part) => part.tally))).toEqual(whole.tally);
  }
});
