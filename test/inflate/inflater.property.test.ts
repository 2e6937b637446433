import { type InflateRaw, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { expect } from "vitest";
import { MINUTE, SECOND } from "../../src/units.ts";
import { cuts, damaged, damages, pieces, streams } from "./deflate-streams.ts";
import { Rooms, inflateTest as test } from "./inflate-rooms.ts";

const SOAK = process.env["PROMLINE_SOAK"] === "1";
const RUNS = SOAK
  ? { numRuns: Number.POSITIVE_INFINITY, interruptAfterTimeLimit: 5 * MINUTE }
  : { numRuns: 300, interruptAfterTimeLimit: 10 * SECOND };
const TIMEOUT = { timeout: SOAK ? 6 * MINUTE : 30 * SECOND };

test("what zlib deflates comes out as it was, in any pieces", TIMEOUT, () => {
  const rooms = Rooms.open();
  fc.assert(
    fc.property(streams, cuts, ({ text, stream }, at) => {
      const result = rooms.inflate(pieces(stream, at));
      expect(result.end).toBe("done");
      expect(result.text.equals(text)).toBe(true);
    }),
    RUNS,
  );
});

test("a damaged stream is what zlib takes it for, and its neighbours stay", TIMEOUT, () => {
  const rooms = Rooms.open();
  const neighbours = rooms.guarded();
  let refused = 0;
  fc.assert(
    fc.property(
      streams,
      fc.array(damages, { minLength: 1, maxLength: 3 }),
      cuts,
      ({ stream }, how, at) => {
        const broken = how.reduce<Buffer>(damaged, stream);
        const wanted = byZlib(broken);
        const result = rooms.inflate(pieces(broken, at));
        expect(neighbours()).toBe(true);
        expect(result.end === "done").toBe(wanted !== undefined);
        if (wanted === undefined) {
          refused++;
        } else {
          expect(result.text.equals(wanted.text)).toBe(true);
          expect(result.unread).toBe(broken.length - wanted.read);
        }
      },
    ),
    RUNS,
  );
  expect(refused).toBeGreaterThan(0);
});

/** Undefined where zlib refuses the stream, or finds no end. */
function byZlib(stream: Buffer): { readonly text: Buffer; readonly read: number } | undefined {
  try {
    // The types do not know what `info` makes of the answer.
    const { buffer, engine } = inflateRawSync(stream, { info: true }) as unknown as {
      readonly buffer: Buffer;
      readonly engine: InflateRaw;
    };
    return { text: buffer, read: engine.bytesWritten };
  } catch {
    return;
  }
}
